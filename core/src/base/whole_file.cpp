#include "base/whole_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstring>
#include <ctime>
#include <set>
#include <system_error>

#include "base/file_kinds.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

[[noreturn]] void fail(const std::filesystem::path& file, int code) {
  if (code == ENXIO) {  // what opening a pipe says that nobody reads
    throw Error({"cannot write the file", file.string(), "a regular file, or none yet",
                 "a pipe, a device or a socket", "remove it"});
  }
  throw Error({"cannot write the file", file.string(), "a writable place with room left",
               std::generic_category().message(code), "check the directory and the disk"});
}

// Takes what was written off `bytes`; returns 0, or the code of what went wrong.
int write_all(int descriptor, std::string_view& bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return 0;
}

int write(int descriptor, std::string_view& bytes, Sync sync) {
  const int code = write_all(descriptor, bytes);
  if (code != 0 || sync == Sync::kLater) return code;
  return ::fsync(descriptor) == 0 ? 0 : errno;
}

// Somebody may be laying links as fast as they are removed, and somebody may be writing the same
// file: ten seconds of pauses are longer than any of ours takes.
constexpr int kAttempts = 2000;
constexpr timespec kPause = {0, 5000000};

// Whether `file` still is what is open as `descriptor`.
bool is_there(const std::filesystem::path& file, int descriptor) {
  struct stat open = {};
  struct stat there = {};
  return ::fstat(descriptor, &open) == 0 && ::lstat(file.c_str(), &there) == 0 &&
         open.st_ino == there.st_ino && open.st_dev == there.st_dev;
}

// Waits for whoever is writing `file` at this moment, and removes it where nobody is: what a killed
// process left, or a link that somebody laid there, which is not followed.
bool clear(const std::filesystem::path& file) {
  const int other = ::open(file.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  // It has got its name by now. Removing what is there would remove the file that the next writer
  // has begun in the meantime.
  if (other < 0 && errno == ENOENT) return true;
  if (other >= 0 && ::flock(other, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
    ::close(other);
    ::nanosleep(&kPause, nullptr);
    return true;
  }
  const bool is_gone = other >= 0 && !is_there(file, other);
  const bool is_cleared = is_gone || ::unlink(file.c_str()) == 0 || errno == ENOENT;
  if (other >= 0) ::close(other);
  return is_cleared;
}

// Opens a file of that name that was not there before, and that no other process takes for what is
// left of a killed one: it is locked while it is written. Where there are no locks, two processes
// that write one file at the same time may get into each other's way.
int create(const std::filesystem::path& file) {
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    const int descriptor =
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (descriptor < 0) {
      if (errno != EEXIST || !clear(file)) return descriptor;
      continue;
    }
    const bool is_locked = ::flock(descriptor, LOCK_EX) == 0;
    // Before it was locked, somebody may have removed it.
    if (!is_locked || is_there(file, descriptor)) return descriptor;
    ::close(descriptor);
  }
  errno = EEXIST;
  return -1;
}

// Brings the names in `folder` to the disk. 0, or the code of what went wrong.
int sync_names(const std::filesystem::path& folder) {
  const int descriptor =
      ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  // Who may write into a folder but not read it has done what can be done.
  if (descriptor < 0) return errno == EACCES ? 0 : errno;
  const int code = ::fsync(descriptor) == 0 ? 0 : errno;
  ::close(descriptor);
  // Some file systems do not know how to sync a folder, and need not.
  return code == EINVAL || code == ENOTSUP ? 0 : code;
}

}  // namespace

void write_file_atomically(const std::filesystem::path& file, std::string_view bytes, Sync sync) {
  std::error_code failed;
  if (file.has_parent_path()) std::filesystem::create_directories(file.parent_path(), failed);
  if (failed) fail(file, failed.value());
  std::filesystem::path partial = file;
  partial += ".partial";
  const int descriptor = create(partial);
  if (descriptor < 0) fail(file, errno);
  std::string_view left = bytes;
  int code = write(descriptor, left, sync);
  // Some file systems, NFS among them, tell only when a file is closed that a write has failed. The
  // file stays open, and locked, until it has its name: another descriptor of it is closed.
  const int copy = code == 0 ? ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0) : -1;
  if (code == 0 && (copy < 0 || ::close(copy) != 0)) code = errno;
  if (code == 0) std::filesystem::rename(partial, file, failed);
  if (code == 0 && failed) code = failed.value();
  if (::close(descriptor) != 0 && code == 0) code = errno;
  if (code != 0) {
    std::filesystem::remove(partial, failed);
    fail(file, code);
  }
  const int sync_code = sync == Sync::kNow ? sync_names(file.parent_path()) : 0;
  if (sync_code != 0) fail(file, sync_code);
}

void append_to_file(const std::filesystem::path& file, std::string_view bytes, Sync sync) {
  // O_NONBLOCK: a pipe in the file's place is not waited for.
  const int descriptor =
      ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0666);
  struct stat status = {};
  if (descriptor >= 0 && ::fstat(descriptor, &status) == 0 && !S_ISREG(status.st_mode)) {
    ::close(descriptor);
    fail(file, ENXIO);
  }
  if (descriptor < 0) fail(file, errno);
  const off_t end = ::lseek(descriptor, 0, SEEK_END);
  std::string_view left = bytes;
  int code = end < 0 ? errno : write(descriptor, left, sync);
  // Half a line would run into the next one that is written. Where another process has written
  // behind it by now, that is not to be cut off with it.
  const auto part = static_cast<off_t>(bytes.size() - left.size());
  if (code != 0 && end >= 0 && ::lseek(descriptor, 0, SEEK_END) == end + part &&
      ::ftruncate(descriptor, end) != 0) {
    code = errno;
  }
  if (::close(descriptor) != 0 && code == 0) code = errno;
  if (code == 0 && end == 0) code = sync_names(file.parent_path());  // it may be new
  if (code != 0) fail(file, code);
}

void sync_files(const std::vector<std::filesystem::path>& files) {
  std::set<std::filesystem::path> folders;
  for (const std::filesystem::path& file : files) {
    const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor < 0) {
      // Replaced by a folder or removed since, by whoever may: there is nothing left to keep.
      if (errno == ENOENT || errno == ENOTDIR) continue;
      fail(file, errno);
    }
    // The first waits for the disk; what was written to the others goes with it.
    const int code = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    if (code != 0) fail(file, code);
    folders.insert(file.parent_path());
  }
  for (const std::filesystem::path& folder : folders) sync_folder(folder);
}

void sync_folder(const std::filesystem::path& folder) {
  const int code = sync_names(folder);
  if (code != 0) fail(folder, code);
}

bool is_torn(std::string_view text) { return text.empty() || text.back() == '\0'; }

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

// Its content; nothing, with the reason in `why` and in errno, where there is none.
std::optional<std::string> read_once(const std::filesystem::path& file, std::string& why) {
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

}  // namespace

std::optional<std::string> read_regular_file(const std::filesystem::path& file, std::string& why) {
  // A file of NFS that was replaced by another machine is stale until it is opened anew.
  constexpr int kTries = 3;
  std::optional<std::string> text;
  for (int i = 0; i < kTries && !text; ++i) {
    errno = 0;
    text = read_once(file, why);
    if (errno != ESTALE) break;
  }
  return text;
}

std::string text_of_file(const std::filesystem::path& file) {
  std::string ignored;
  return read_regular_file(file, ignored).value_or("");
}

}  // namespace pressroom
