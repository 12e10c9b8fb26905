#include "hub/transfer.h"

#include "hub/http.h"

namespace pressroom {
namespace {

// Of an answer that is kept in memory: listings of large repositories take a few MB.
constexpr std::size_t kMostBodyBytes = std::size_t{64} << 20;

bool is_transient(CURLcode code) {
  switch (code) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
    case CURLE_COULDNT_CONNECT:
    case CURLE_OPERATION_TIMEDOUT:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
      return true;
    default:
      return false;
  }
}

// Of an exchange that failed with `code`.
bool was_connected(CURL* curl, CURLcode code) {
  if (code == CURLE_COULDNT_RESOLVE_HOST || code == CURLE_COULDNT_RESOLVE_PROXY ||
      code == CURLE_COULDNT_CONNECT) {
    return false;
  }
  // Connecting and stalling time out with the same code; a connection that was made took time.
  curl_off_t microseconds = 0;
  curl_easy_getinfo(curl, CURLINFO_CONNECT_TIME_T, &microseconds);
  return code != CURLE_OPERATION_TIMEDOUT || microseconds > 0;
}

std::string fix_for(CURLcode code, const std::string& address_from) {
  if (code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE) {
    return "check the clock and the ca-certificates package; behind a proxy with certificates of "
           "its own, name them in SSL_CERT_FILE";
  }
  return "check the address, " + address_from + " and https_proxy";
}

}  // namespace

Transfer::Transfer(CURL* curl, HttpSink* sink, const HttpOptions& options)
    : curl_(curl), sink_(sink), options_(options) {
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, &Transfer::take_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &Transfer::take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, &Transfer::watch);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, this);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason_);
}

HttpAnswer Transfer::perform(const std::string& url) {
  const CURLcode code = curl_easy_perform(curl_);
  // First: of what a callback threw, the code only says that a callback ended the transfer.
  if (thrown_) std::rethrow_exception(thrown_);
  if (code == CURLE_ABORTED_BY_CALLBACK) throw TransferStopped();
  if (code != CURLE_OK) {
    const std::string reason = reason_[0] != '\0' ? reason_ : curl_easy_strerror(code);
    if (is_transient(code)) throw TransientFailure{reason, was_connected(curl_, code)};
    throw Error(
        {"the download failed", shown_url(url), "", reason, fix_for(code, options_.address_from)});
  }
  curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &answer_.status);
  // An empty file has no body, so that add_body was never called.
  if (goes_to_sink() && !begun_) sink_->begin(answer_);
  return std::move(answer_);
}

std::size_t Transfer::take_header(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  try {
    transfer->add_header(std::string(bytes, size * count));
    return size * count;
  } catch (...) {
    transfer->thrown_ = std::current_exception();
    return 0;
  }
}

std::size_t Transfer::take_body(char* bytes, std::size_t size, std::size_t count, void* self) {
  auto* transfer = static_cast<Transfer*>(self);
  try {
    transfer->add_body({bytes, size * count});
    return size * count;
  } catch (...) {
    transfer->thrown_ = std::current_exception();
    // Any number but that of the bytes given ends the transfer; where that is 0, 1 does.
    return size * count == 0 ? 1 : 0;
  }
}

int Transfer::watch(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  auto* transfer = static_cast<Transfer*>(self);
  try {
    return transfer->options_.stop_requested() ? 1 : 0;
  } catch (...) {
    transfer->thrown_ = std::current_exception();
    return 1;
  }
}

void Transfer::add_header(std::string line) {
  line.erase(line.find_last_not_of("\r\n \t") + 1);
  // An interim answer (100, or a proxy's) is followed by the real one.
  if (line.rfind("HTTP/", 0) == 0) answer_.headers.clear();
  const std::size_t colon = line.find(':');
  if (colon == std::string::npos) return;
  std::string name = line.substr(0, colon);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const std::size_t begin = line.find_first_not_of(" \t", colon + 1);
  answer_.headers[name] = begin == std::string::npos ? "" : line.substr(begin);
}

bool Transfer::goes_to_sink() {
  return sink_ != nullptr && (answer_.status == 200 || answer_.status == 206);
}

void Transfer::add_body(std::string_view bytes) {
  if (options_.stop_requested()) throw TransferStopped();
  if (answer_.status == 0) curl_easy_getinfo(curl_, CURLINFO_RESPONSE_CODE, &answer_.status);
  // The page of a refusal or a redirect is no part of the file.
  if (goes_to_sink()) {
    if (!begun_) sink_->begin(answer_);
    begun_ = true;
    return sink_->write(bytes);
  }
  if (answer_.body.size() + bytes.size() > kMostBodyBytes) {
    throw Error({"the server's answer is too long", "", "at most 64 MiB", "more", ""});
  }
  answer_.body += bytes;
}

}  // namespace pressroom
