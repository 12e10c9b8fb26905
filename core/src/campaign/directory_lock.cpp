#include "campaign/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>

#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

std::string reason(int code) { return std::generic_category().message(code); }

// 0 once the lock is held, else the code of what went wrong; EWOULDBLOCK when another has it.
// Whoever looks whether a run holds it has it for an instant: a few tries tell such a reader from a
// run.
int hold(int lock) {
  int code = 0;
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0) return 0;
    code = errno;
    if (code != EWOULDBLOCK && code != EINTR) return code;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return code;
}

Problem not_locked(const fs::path& directory, int code) {
  if (code == EWOULDBLOCK) {
    return {"another run is using the output directory", directory.string(),
            "one run in a directory at a time", "its lock is held",
            "wait for the other run, or choose another directory with --out"};
  }
  return {"the output directory cannot be locked", directory.string(),
          "a file system that can lock files (flock), so that no two runs write to one directory",
          reason(code),
          "choose a directory on a local disk with --out, or have the file system mounted with "
          "locks (NFS: a lock service that runs, and no option nolock)"};
}

// Where the open directory is now, as far as that can be told.
std::string place_of(int directory) {
  std::error_code error;
  const std::string text =
      fs::read_symlink("/proc/self/fd/" + std::to_string(directory), error).string();
  const std::string gone = " (deleted)";
  const bool removed =
      text.size() > gone.size() && text.compare(text.size() - gone.size(), gone.size(), gone) == 0;
  return error || removed ? "it was removed" : "it is " + text + " now";
}

}  // namespace

DirectoryLock::DirectoryLock(const fs::path& directory) : path_(directory) {
  std::error_code failed;
  fs::create_directories(path_, failed);
  if (!failed) {
    directory_ = ::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory_ >= 0) {
      lock_ = ::openat(directory_, ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
    }
    if (lock_ < 0) failed = std::error_code(errno, std::generic_category());
  }
  const int code = failed ? 0 : hold(lock_);
  if (!failed && code == 0) return;
  if (lock_ >= 0) ::close(lock_);
  if (directory_ >= 0) ::close(directory_);
  if (!failed) throw Error(not_locked(path_, code));
  throw Error({"the output directory cannot be written", path_.string(), "a writable directory",
               failed.message(), "choose another with --out"});
}

DirectoryLock::~DirectoryLock() {
  ::close(lock_);
  ::close(directory_);
}

void DirectoryLock::check_place() const {
  struct stat held = {};
  struct stat there = {};
  if (::fstat(directory_, &held) == 0 && ::stat(path_.c_str(), &there) == 0 &&
      held.st_dev == there.st_dev && held.st_ino == there.st_ino) {
    return;
  }
  throw Error({"the output directory was taken away while the run went on", path_.string(),
               "the directory that the run began in", place_of(directory_),
               "put it back, if it is still there, and run the same again: what is finished in it "
               "is not run again"});
}

}  // namespace pressroom
