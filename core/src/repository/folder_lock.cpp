#include "repository/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>

#include "hub/http.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr mode_t kModeBits = 07777;

[[noreturn]] void fail_to_lock(const LockedFolder& folder, const std::string& expected,
                               const std::string& got, const std::string& fix) {
  throw Error({folder.name + " cannot be locked", folder.file.string(), expected, got, fix});
}

int open_lock(const LockedFolder& folder) {
  constexpr int kFlags = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
  const int opened = ::open(folder.file.c_str(), O_RDWR | O_CREAT | kFlags, folder.mode);
  if (opened < 0 && errno == EACCES) {
    // Somebody else's: to lock it, reading is enough.
    const int readable = ::open(folder.file.c_str(), O_RDONLY | kFlags);
    if (readable < 0) errno = EACCES;
    return readable;
  }
  struct stat status = {};
  // What the umask took away would keep others out for ever.
  if (opened >= 0 && ::fstat(opened, &status) == 0 && status.st_uid == ::geteuid() &&
      (status.st_mode & kModeBits) != folder.mode) {
    ::fchmod(opened, folder.mode);
  }
  return opened;
}

}  // namespace

FolderLock::FolderLock(const LockedFolder& folder, const std::function<bool()>& stop_requested)
    : descriptor_(open_lock(folder)) {
  if (descriptor_ < 0) {
    const bool is_link = errno == ELOOP;
    fail_to_lock(folder, is_link ? "a file" : "a folder that may be written to",
                 is_link ? "a link" : std::generic_category().message(errno),
                 "check whose the folder is, and what is there");
  }
  constexpr std::chrono::milliseconds kPause(10);
  const auto end = std::chrono::steady_clock::now() + folder.patience;
  // Asked again and again: a flock that waits does not hear a request to stop.
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    const int code = errno;  // before stop_requested, which may change it
    const bool is_held = code == EWOULDBLOCK || code == EINTR;
    const bool is_stopped = stop_requested && stop_requested();
    const bool is_late = std::chrono::steady_clock::now() >= end;
    if (is_held && !is_stopped && !is_late) {
      std::this_thread::sleep_for(kPause);
      continue;
    }
    ::close(descriptor_);
    if (!is_held) {
      fail_to_lock(folder, "a file system that can lock files (flock)",
                   std::generic_category().message(code),
                   "do it on the machine that the disk belongs to, or have the file system mounted "
                   "with locks");
    }
    if (is_stopped) throw TransferStopped();
    fail_to_lock(
        folder, "to be alone with it",
        "another process that has held it for " + std::to_string(folder.patience.count()) + " s",
        "try again when the other one is done (fuser " + folder.file.string() + ")");
  }
}

FolderLock::~FolderLock() { ::close(descriptor_); }

}  // namespace pressroom
