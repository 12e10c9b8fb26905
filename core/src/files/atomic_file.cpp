#include "files/atomic_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "pressroom/error.h"

namespace pressroom {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, int code) {
  throw Error({"cannot write the file", file.string(), "a writable place with room left",
               std::generic_category().message(code), "check the directory and the disk"});
}

int write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return ::fsync(descriptor) == 0 ? 0 : errno;
}

}  // namespace

void write_file_atomically(const std::filesystem::path& file, std::string_view bytes) {
  std::error_code failed;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), failed);
  if (failed) fail(file, failed.value());
  std::filesystem::path partial = file;
  partial += ".partial";
  const int descriptor = ::open(partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor < 0) fail(file, errno);
  const int code = write_all(descriptor, bytes);
  const int close_code = ::close(descriptor) == 0 ? 0 : errno;
  if (code == 0 && close_code == 0) std::filesystem::rename(partial, file, failed);
  if (code == 0 && close_code == 0 && !failed) return;
  const int reason = code != 0 ? code : close_code != 0 ? close_code : failed.value();
  std::filesystem::remove(partial, failed);
  fail(file, reason);
}

void append_to_file(const std::filesystem::path& file, std::string_view bytes) {
  const int descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor < 0) fail(file, errno);
  const off_t end = ::lseek(descriptor, 0, SEEK_END);
  int code = end < 0 ? errno : write_all(descriptor, bytes);
  if (code != 0 && end >= 0 && ::ftruncate(descriptor, end) != 0) code = errno;
  if (::close(descriptor) != 0 && code == 0) code = errno;
  if (code != 0) fail(file, code);
}

}  // namespace pressroom
