#include "store/profile_lock.h"

#include <unistd.h>

#include <string>
#include <utility>

#include "pressroom/error.h"
#include "store/home_files.h"
#include "store/plugin_home.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostNoteBytes = 400;

std::string own_note() {
  char host[256] = "";
  ::gethostname(host, sizeof host - 1);
  return "process " + std::to_string(::getpid()) + " on " + host;
}

LockedFile locked(const fs::path& home, std::chrono::milliseconds patience) {
  make_plugin_home(home);
  const fs::path file = home / ".lock";
  std::optional<LockedFile> lock = LockedFile::lock(file, LockKind::kExclusive, patience);
  if (lock) {
    lock->write_note(own_note());
    return std::move(*lock);
  }
  std::string why;
  const std::string holder = read_home_file(file, kMostNoteBytes, why).value_or("");
  throw Error({"another process is changing what is installed", file.string(),
               "the lock within " + std::to_string(patience.count() / 1000) + " seconds",
               holder.empty() ? "it is held by another process" : "it is held by " + holder,
               "wait until it has ended, or end it, and do this again"});
}

}  // namespace

ProfileLock::ProfileLock(const fs::path& home, std::chrono::milliseconds patience)
    : home_(plain_path(home)), file_(locked(home_, patience)) {}

bool ProfileLock::is_of(const fs::path& home) const { return plain_path(home) == home_; }

}  // namespace pressroom
