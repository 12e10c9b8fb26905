#include "lease/lease.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <random>
#include <system_error>
#include <tuple>
#include <utility>

#include "base/foreign_directory.h"
#include "base/whole_file.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t kSecond = 1000000000;
// Of a lease whose file cannot be read: by then every writer has finished its file or is gone.
constexpr std::int64_t kUnreadableSeconds = 60;
// More takeovers of one name than anybody waits for.
constexpr std::int64_t kMostEpochs = 64;

std::int64_t touched_ns(const struct stat& status) {
  return static_cast<std::int64_t>(status.st_mtim.tv_sec) * kSecond + status.st_mtim.tv_nsec;
}

// 0, or the code of what went wrong. A file of NFS that was replaced under this name says ESTALE
// until it is looked up again.
int look(const fs::path& file, struct stat& status) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    if (::stat(file.c_str(), &status) == 0) return 0;
    if (errno != ESTALE) break;
  }
  return errno;
}

// The epoch that a file name ends in, "name.3", and the name without it; 0 where it ends in none.
std::pair<std::string, std::int64_t> split(const std::string& file) {
  const std::size_t dot = file.rfind('.');
  if (dot == std::string::npos || dot == 0) return {file, 0};
  std::int64_t epoch = 0;
  const char* const end = file.data() + file.size();
  const auto [rest, failed] = std::from_chars(file.data() + dot + 1, end, epoch);
  if (failed != std::errc() || rest != end) return {file, 0};
  return {file.substr(0, dot), epoch};
}

std::string own_name(const Holder& holder) {
  // Two processes of one id, on hosts of one name, may be at work at once.
  std::random_device random;
  const std::uint64_t number = (static_cast<std::uint64_t>(random()) << 32) | random();
  return ".holder-" + holder.host + "-" + std::to_string(holder.pid) + "-" + std::to_string(number);
}

bool is_holder_file(const std::string& name) { return name.rfind(".holder-", 0) == 0; }

}  // namespace

bool Lease::is_held() const {
  struct stat own = {};
  struct stat lease = {};
  struct stat next = {};
  return look(folder_->file_, own) == 0 && look(folder_->path_of(name_, epoch_), lease) == 0 &&
         own.st_ino == lease.st_ino && own.st_dev == lease.st_dev &&
         look(folder_->path_of(name_, epoch_ + 1), next) == ENOENT;
}

void Lease::release() {
  // A later epoch is another's, and so are those below it then.
  if (!is_held()) return;
  // The own one last: whoever gets an earlier one meanwhile sees it, and withdraws.
  for (std::int64_t epoch = 1; epoch <= epoch_; ++epoch) {
    ::unlink(folder_->path_of(name_, epoch).c_str());
  }
}

LeaseFolder::LeaseFolder(fs::path folder, std::chrono::seconds length)
    : folder_(std::move(folder)) {
  std::error_code failed;
  fs::create_directories(folder_, failed);
  if (failed) fail(folder_, failed.value());
  if (::access(folder_.c_str(), W_OK | X_OK) != 0) fail(folder_, errno);
  const Holder me = this_process(length.count());
  file_ = folder_ / own_name(me);
  write_file_atomically(file_, to_text(me), Sync::kLater);
  // Tried once, so that a file system without links is found out before anything runs.
  const fs::path probe = file_.string() + "-link";
  const int code = link_to(probe);
  ::unlink(probe.c_str());
  if (code == 0) return;
  ::unlink(file_.c_str());
  if (code == EPERM || code == EOPNOTSUPP || code == ENOTSUP || code == ENOSYS || code == EMLINK) {
    throw Error({"the output directory's file system has no links", folder_.string(),
                 "a file system where a file can have two names (link), by which workers claim "
                 "cells",
                 std::generic_category().message(code),
                 "choose a directory on another disk with --out"});
  }
  fail(probe, code);
}

LeaseFolder::~LeaseFolder() { ::unlink(file_.c_str()); }

fs::path LeaseFolder::path_of(const std::string& name, std::int64_t epoch) const {
  return folder_ / (name + "." + std::to_string(epoch));
}

void LeaseFolder::fail(const fs::path& file, int code) const {
  if (const auto foreign = kept_from_this_user(folder_)) throw Error(*foreign);
  throw Error({"a lease cannot be written", file.string(), "a writable directory with room left",
               std::generic_category().message(code),
               "check the directory and the disk, or choose another with --out"});
}

int LeaseFolder::link_to(const fs::path& lease) const {
  const int code = ::link(file_.c_str(), lease.c_str()) == 0 ? 0 : errno;
  struct stat own = {};
  struct stat there = {};
  // A server may have made the link and its answer been lost, or the other way round.
  if (look(file_, own) != 0) return code != 0 ? code : ENOENT;
  const int seen = look(lease, there);
  if (seen == 0) return own.st_ino == there.st_ino && own.st_dev == there.st_dev ? 0 : EEXIST;
  return code != 0 ? code : seen;
}

std::optional<Lease> LeaseFolder::claim(const std::string& name) {
  struct stat ended = {};  // the lease of the epoch before, which has ended
  for (std::int64_t epoch = 1;; ++epoch) {
    const fs::path lease = path_of(name, epoch);
    const int code = link_to(lease);
    if (code != 0 && code != EEXIST) fail(lease, code);
    struct stat next = {};
    const int next_code = look(path_of(name, epoch + 1), next);
    if (code == 0) {
      // Others may have given the name back, and got it, since the epoch before was looked at; and
      // who gives it back removes this epoch before a later one.
      struct stat before = {};
      const bool is_next = epoch == 1 || (look(path_of(name, epoch - 1), before) == 0 &&
                                          before.st_ino == ended.st_ino);
      if (next_code == ENOENT && is_next) return Lease(*this, name, epoch);
      ::unlink(lease.c_str());
      return std::nullopt;
    }
    // What cannot be looked at may be anything: another time.
    if (next_code != 0 && next_code != ENOENT) return std::nullopt;
    if (next_code == ENOENT && !has_ended(lease)) return std::nullopt;
    if (look(lease, ended) != 0) return std::nullopt;
  }
}

bool LeaseFolder::others_have(const std::string& prefix) const {
  struct stat own = {};
  look(file_, own);
  for (const SeenHolder& seen : holders_in(folder_)) {
    if (seen.has_ended || seen.inode == own.st_ino) continue;
    for (const std::string& name : seen.names) {
      if (name.rfind(prefix, 0) == 0) return true;
    }
  }
  return false;
}

bool has_lease(const fs::path& holder_file, const std::string& name) {
  struct stat own = {};
  if (look(holder_file, own) != 0) return false;
  struct stat lease = {};
  bool is_own = false;
  for (std::int64_t epoch = 1; epoch < kMostEpochs; ++epoch) {
    const fs::path file = holder_file.parent_path() / (name + "." + std::to_string(epoch));
    // Earlier ones may have been swept.
    if (look(file, lease) == 0) is_own = lease.st_ino == own.st_ino && lease.st_dev == own.st_dev;
  }
  return is_own;
}

bool LeaseFolder::has_ended(const fs::path& lease) {
  const std::optional<Holder> holder = holder_from(text_of_file(lease));
  struct stat status = {};
  // Given back just now: whoever comes next may have it.
  if (look(lease, status) != 0) return false;
  if (holder && is_gone(*holder)) return true;
  const std::int64_t length = (holder ? holder->seconds : kUnreadableSeconds) * kSecond;
  const std::int64_t touched = touched_ns(status);
  Sighting& sighting = sightings_[lease.filename().string()];
  if (sighting.touched_ns != touched) {
    sighting = {touched, Clock::now()};
    return false;  // the file server's clock may just have been set: it is looked at once more
  }
  renew();  // asks the file server for its time
  struct stat own = {};
  if (look(file_, own) != 0) return false;
  if (touched_ns(own) - touched > length) return true;
  return Clock::now() - sighting.since > std::chrono::nanoseconds(length);
}

void LeaseFolder::renew() const {
  if (::utimensat(AT_FDCWD, file_.c_str(), nullptr, 0) != 0) fail(file_, errno);
}

void LeaseFolder::sweep() {
  std::error_code failed;
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, failed)) {
    files.push_back(entry.path());
  }
  for (const fs::path& file : files) {
    const bool is_lease = split(file.filename().string()).second > 0;
    if (!is_lease && !is_holder_file(file.filename().string())) continue;
    const std::optional<Holder> holder = holder_from(text_of_file(file));
    // A lease goes only when its holder's process has ended on this host: by another's clock it
    // may still be taken over, and whoever does must find its epoch.
    if (holder && is_gone(*holder)) ::unlink(file.c_str());
  }
}

std::vector<SeenHolder> holders_in(const fs::path& folder) {
  std::map<std::uint64_t, SeenHolder> holders;  // by inode: a lease is a link of its holder's file
  std::map<std::string, std::pair<std::int64_t, std::uint64_t>> latest;  // epoch and inode
  timespec now = {};
  ::clock_gettime(CLOCK_REALTIME, &now);
  std::error_code failed;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, failed)) {
    struct stat status = {};
    if (look(entry.path(), status) != 0) continue;  // given back meanwhile
    const std::string file = entry.path().filename().string();
    const auto [name, epoch] = split(file);
    if (epoch > 0) {
      auto& [highest, inode] = latest[name];
      if (epoch > highest) std::tie(highest, inode) = std::pair(epoch, status.st_ino);
    } else if (!is_holder_file(file)) {
      continue;
    }
    SeenHolder& seen = holders[status.st_ino];
    seen.inode = status.st_ino;
    seen.holder = holder_from(text_of_file(entry.path()));
    seen.age_seconds = std::max<std::int64_t>(0, now.tv_sec - status.st_mtim.tv_sec);
    const std::int64_t length = seen.holder ? seen.holder->seconds : kUnreadableSeconds;
    seen.has_ended = (seen.holder && is_gone(*seen.holder)) || seen.age_seconds > length;
  }
  for (const auto& [name, lease] : latest) holders[lease.second].names.push_back(name);
  std::vector<SeenHolder> all;
  all.reserve(holders.size());
  for (auto& [inode, seen] : holders) all.push_back(std::move(seen));
  return all;
}

}  // namespace pressroom
