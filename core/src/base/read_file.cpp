#include "base/read_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>

#include "base/path_kind.h"

namespace pressroom {
namespace {

class Descriptor {
 public:
  // O_NONBLOCK: a pipe that nobody writes to opens at once.
  explicit Descriptor(const std::filesystem::path& file)
      : number_(::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int number() const { return number_; }

 private:
  int number_;
};

std::string failure() { return errno == ENOENT ? "no such file" : std::strerror(errno); }

}  // namespace

std::optional<std::string> read_regular_file(const std::filesystem::path& file, std::string& why) {
  const Descriptor descriptor(file);
  struct stat status = {};
  if (descriptor.number() < 0 || ::fstat(descriptor.number(), &status) != 0) {
    why = failure();
    return {};
  }
  const PathKind kind = kind_of(status.st_mode);
  if (kind != PathKind::kFile) {
    why = words_of(kind);
    return {};
  }
  std::string text;
  constexpr std::size_t kChunk = 1 << 16;
  for (;;) {
    const std::size_t done = text.size();
    text.resize(done + kChunk);
    const ssize_t count = ::read(descriptor.number(), text.data() + done, kChunk);
    text.resize(done + (count > 0 ? static_cast<std::size_t>(count) : 0));
    if (count == 0) return text;
    if (count < 0 && errno != EINTR) {
      why = failure();
      return {};
    }
  }
}

std::string text_of_file(const std::filesystem::path& file) {
  std::string ignored;
  return read_regular_file(file, ignored).value_or("");
}

}  // namespace pressroom
