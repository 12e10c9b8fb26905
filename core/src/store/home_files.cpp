#include "store/home_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <random>
#include <system_error>

#include "base/file_kinds.h"
#include "base/whole_file.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// 0, or the code of what went wrong.
int write_and_close(int descriptor, std::string_view bytes, mode_t mode) {
  int code = 0;
  while (code == 0 && !bytes.empty()) {
    const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
    if (n < 0 && errno != EINTR) code = errno;
  }
  if (code == 0 && ::fchmod(descriptor, mode) != 0) code = errno;
  // Some file systems say only now that there was no room.
  if (::close(descriptor) != 0 && code == 0) code = errno;
  return code;
}

// Why what is open should not be read; "" where it may.
std::string refusal_to_read(const struct stat& status, std::size_t most_bytes) {
  if (!S_ISREG(status.st_mode)) return words_of(kind_of(status.st_mode));
  if ((status.st_mode & S_IWOTH) != 0) return "a file that everybody may change";
  if (static_cast<std::size_t>(status.st_size) > most_bytes) {
    return std::to_string(status.st_size) + " bytes, and at most " + std::to_string(most_bytes) +
           " are read";
  }
  return "";
}

// Of a file that may grow or shrink meanwhile. False, with errno, where it cannot be read.
bool read_at_most(int descriptor, std::size_t most_bytes, std::string& bytes) {
  constexpr std::size_t kPiece = 1 << 16;
  for (;;) {
    const std::size_t done = bytes.size();
    bytes.resize(done + kPiece);
    const ssize_t n = ::read(descriptor, bytes.data() + done, kPiece);
    bytes.resize(done + (n > 0 ? static_cast<std::size_t>(n) : 0));
    if (n == 0) return true;
    if (n < 0 && errno != EINTR) return false;
    if (bytes.size() > most_bytes) {
      errno = EFBIG;
      return false;
    }
  }
}

}  // namespace

void fail_to_write_home(const fs::path& path, int code) {
  throw Error({"the plugin home cannot be written", path.string(),
               "a place that this user may write to, with room left",
               code == ELOOP ? "a link" : std::generic_category().message(code),
               "check the folder and the disk, or set PRESSROOM_HOME to another folder"});
}

fs::path plain_path(const fs::path& path) {
  const fs::path plain = fs::absolute(path).lexically_normal();
  return plain.has_filename() ? plain : plain.parent_path();
}

void make_home_folder(const fs::path& folder) {
  if (::mkdir(folder.c_str(), 0755) != 0) {
    if (errno != EEXIST) fail_to_write_home(folder, errno);
    return;
  }
  if (::chmod(folder.c_str(), 0755) != 0) fail_to_write_home(folder, errno);
}

void write_new_file(const fs::path& file, std::string_view bytes, mode_t mode) {
  const int descriptor =
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) fail_to_write_home(file, errno);
  const int code = write_and_close(descriptor, bytes, mode);
  if (code == 0) return;
  ::unlink(file.c_str());
  fail_to_write_home(file, code);
}

std::optional<std::string> read_home_file(const fs::path& file, std::size_t most_bytes,
                                          std::string& why) {
  // O_NONBLOCK: a pipe in the file's place is not waited for.
  const int descriptor =
      ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  int code = descriptor < 0 ? errno : 0;
  struct stat status = {};
  std::string bytes;
  why.clear();
  if (code == 0 && ::fstat(descriptor, &status) != 0) code = errno;
  if (code == 0) why = refusal_to_read(status, most_bytes);
  if (code == 0 && !why.empty()) code = EINVAL;
  if (code == 0 && !read_at_most(descriptor, most_bytes, bytes)) code = errno;
  if (descriptor >= 0) ::close(descriptor);
  errno = code;
  if (code == 0) return bytes;
  if (code == ELOOP) why = "a link";
  if (code == ENOENT) why = "no such file";
  if (why.empty()) why = std::generic_category().message(code);
  return std::nullopt;
}

void rename_in_home(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail_to_write_home(to, errno);
  sync_folder(to.parent_path());
}

void remove_from_home(const fs::path& path) {
  std::error_code failed;
  fs::remove_all(path, failed);
  if (failed) fail_to_write_home(path, failed.value());
}

std::string unique_ending() {
  static std::atomic<unsigned> calls{0};
  std::random_device random;  // two machines that share a home may have processes of one id
  char text[64];
  std::snprintf(text, sizeof text, ".%ld.%08x%04x", static_cast<long>(::getpid()),
                static_cast<unsigned>(random()), calls++ & 0xFFFFU);
  return text;
}

}  // namespace pressroom
