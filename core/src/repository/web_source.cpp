#include "repository/web_source.h"

#include <utility>

#include "pressroom/error.h"

namespace pressroom {
namespace {

// Keeps a body in memory as far as it may be long. Anew with each attempt: no file of a repository
// is so large that resuming would pay.
class LimitedBody : public HttpSink {
 public:
  LimitedBody(std::string where, std::uint64_t most_bytes)
      : where_(std::move(where)), most_bytes_(most_bytes) {}

  std::int64_t offset() const override { return 0; }
  void begin(const HttpAnswer&) override { bytes_.clear(); }
  void write(std::string_view bytes) override {
    if (bytes.size() > most_bytes_ - bytes_.size()) {
      throw Error({"a file of the repository is too large", where_,
                   "at most " + std::to_string(most_bytes_) + " bytes", "more",
                   "ask who keeps the repository what has happened to it"});
    }
    bytes_ += bytes;
  }
  // libcurl sees where less arrives than was announced. Where nothing was, hashes will.
  bool complete() const override { return true; }

  std::string& bytes() { return bytes_; }

 private:
  std::string where_;
  std::uint64_t most_bytes_;
  std::string bytes_;
};

class WebSource : public RepositorySource {
 public:
  WebSource(std::string address, const std::function<bool()>& stop_requested)
      : address_(std::move(address)), client_({address_, ""}, web_source_options(stop_requested)) {}

  std::optional<std::string> read(const std::string& path, std::uint64_t most_bytes) override {
    constexpr long kOk = 200;
    constexpr long kNotFound = 404;
    constexpr long kGone = 410;
    LimitedBody body(where(path), most_bytes);
    const HttpAnswer answer = client_.download(where(path), body);
    if (answer.status == kOk) return std::move(body.bytes());
    if (answer.status == kNotFound || answer.status == kGone) return std::nullopt;
    throw Error({"the server does not give out a file of the repository", where(path), "status 200",
                 "status " + std::to_string(answer.status),
                 "check the repository's address, and ask who keeps it whether all may read it"});
  }

  std::string where(const std::string& path) const override {
    return address_ + '/' + url_encoded(path, /*keep_slashes=*/true);
  }

 private:
  std::string address_;
  HttpClient client_;
};

}  // namespace

HttpOptions web_source_options(const std::function<bool()>& stop_requested) {
  HttpOptions options;
  options.redirects = Redirects::kOnOneServer;
  options.address_from = "the repository's address";
  if (stop_requested) options.stop_requested = stop_requested;
  return options;
}

std::unique_ptr<RepositorySource> open_web_source(const std::string& address,
                                                  const std::function<bool()>& stop_requested) {
  return std::make_unique<WebSource>(address, stop_requested);
}

}  // namespace pressroom
