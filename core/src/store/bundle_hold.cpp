#include "store/bundle_hold.h"

#include <unistd.h>

#include <map>
#include <system_error>
#include <utility>
#include <vector>

#include "base/sha256.h"
#include "pressroom/error.h"
#include "store/home_files.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kHashDigits = 64;

fs::path hold_file(const fs::path& home, const std::string& sha256) {
  return home / "incoming" / (sha256 + ".hold");
}

LockedFile held(const fs::path& home, const std::string& sha256) {
  constexpr std::chrono::seconds kPatience(60);  // a bundle is removed in less
  const fs::path file = hold_file(home, sha256);
  std::optional<LockedFile> lock = LockedFile::lock(file, LockKind::kShared, kPatience);
  if (lock) return std::move(*lock);
  throw Error({"another process has been removing the bundle for a minute", file.string(),
               "a bundle that can be installed", "its lock is held",
               "wait until that process has ended, or end it, and do this again"});
}

// What lies in incoming/, by the bundle that it belongs to.
std::map<std::string, std::vector<fs::path>> incoming_by_bundle(const fs::path& home) {
  std::map<std::string, std::vector<fs::path>> by_bundle;
  std::error_code failed;
  fs::directory_iterator entry(home / "incoming", failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    const std::string sha256 = name.substr(0, kHashDigits);
    if (!is_sha256(sha256) || name.size() == kHashDigits || name[kHashDigits] != '.') continue;
    std::vector<fs::path>& paths = by_bundle[sha256];
    if (entry->path() != hold_file(home, sha256)) paths.push_back(entry->path());
  }
  if (failed) fail_to_write_home(home / "incoming", failed.value());
  return by_bundle;
}

}  // namespace

BundleHold::BundleHold(const fs::path& home, const std::string& bundle_sha256)
    : file_(held(home, bundle_sha256)), process_(::getpid()) {}

BundleHold::BundleHold(BundleHold&& other) noexcept
    : file_(std::move(other.file_)), process_(std::exchange(other.process_, 0)) {}

BundleHold::~BundleHold() {
  // A child that was forked has the same lock, and the parent still needs it.
  if (process_ == ::getpid()) file_.remove_if_last();
}

std::optional<LockedFile> lock_to_remove(const fs::path& home, const std::string& bundle_sha256) {
  return LockedFile::lock(hold_file(home, bundle_sha256), LockKind::kExclusive,
                          std::chrono::milliseconds(0));
}

void sweep_incoming(const fs::path& home) {
  for (const auto& [sha256, paths] : incoming_by_bundle(home)) {
    std::optional<LockedFile> lock = lock_to_remove(home, sha256);
    if (!lock) continue;
    // Looked for before it was locked: all of it is still nobody's, as only who holds it adds.
    for (const fs::path& path : paths) remove_from_home(path);
    lock->remove_if_last();
  }
}

}  // namespace pressroom
