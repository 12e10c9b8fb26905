#include "store/locked_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "pressroom/error.h"
#include "store/home_files.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;
using LockClock = std::chrono::steady_clock;

// Whether the file still has its name: who held it may have removed it before it was locked here.
bool still_has_name(int descriptor, const fs::path& file) {
  struct stat open = {};
  struct stat there = {};
  return ::fstat(descriptor, &open) == 0 && ::lstat(file.c_str(), &there) == 0 &&
         open.st_ino == there.st_ino && open.st_dev == there.st_dev;
}

// False where it was held until `end`.
bool lock_until(int descriptor, LockKind kind, LockClock::time_point end, const fs::path& file) {
  constexpr std::chrono::milliseconds kPause(10);
  const int operation = (kind == LockKind::kShared ? LOCK_SH : LOCK_EX) | LOCK_NB;
  while (::flock(descriptor, operation) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) {
      throw Error({"the plugin home cannot be locked", file.string(),
                   "a file system that can lock files (flock)",
                   std::generic_category().message(errno),
                   "set PRESSROOM_HOME to a folder on another disk"});
    }
    if (LockClock::now() >= end) return false;
    std::this_thread::sleep_for(kPause);
  }
  return true;
}

}  // namespace

std::optional<LockedFile> LockedFile::lock(const fs::path& file, LockKind kind,
                                           std::chrono::milliseconds patience) {
  const LockClock::time_point end = LockClock::now() + patience;
  for (;;) {
    const int descriptor =
        ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    if (descriptor < 0) fail_to_write_home(file, errno);
    LockedFile locked(descriptor, file);  // closes it in any case
    if (!lock_until(descriptor, kind, end, file)) return std::nullopt;
    if (still_has_name(descriptor, file)) return locked;
  }
}

LockedFile::LockedFile(int descriptor, fs::path file)
    : descriptor_(descriptor), file_(std::move(file)) {}

LockedFile::LockedFile(LockedFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), file_(std::move(other.file_)) {}

LockedFile::~LockedFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void LockedFile::write_note(const std::string& text) const {
  if (::ftruncate(descriptor_, 0) != 0) return;
  [[maybe_unused]] const ssize_t written = ::pwrite(descriptor_, text.data(), text.size(), 0);
}

void LockedFile::remove_if_last() {
  if (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) return;
  // Between a shared lock and an exclusive one it may have been removed and made anew.
  if (still_has_name(descriptor_, file_)) ::unlink(file_.c_str());
}

}  // namespace pressroom
