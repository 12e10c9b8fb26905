#include "campaign/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <nlohmann/json.hpp>
#include <string>
#include <system_error>
#include <thread>

#include "base/foreign_directory.h"
#include "base/json_text.h"
#include "base/sha256.h"
#include "base/utc_time.h"
#include "pressroom/error.h"
#include "results/plan_json.h"
#include "results/record_json.h"
#include "results/stored_answers.h"
#include "results/stored_cell.h"

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
    return {"another training is using the output directory", directory.string(),
            "one training in a directory at a time", "its lock is held",
            "wait for the other one, or choose another directory with --out"};
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

DirectoryPlace::DirectoryPlace(const fs::path& directory) : path_(directory) {
  std::error_code failed;
  fs::create_directories(path_, failed);
  if (!failed) {
    directory_ = ::open(path_.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (directory_ < 0 || ::access(path_.c_str(), W_OK | X_OK) != 0) {
      failed = std::error_code(errno, std::generic_category());
    }
  }
  if (!failed) return;
  if (directory_ >= 0) ::close(directory_);
  if (const auto foreign = kept_from_this_user(path_)) throw Error(*foreign);
  throw Error({"the output directory cannot be written", path_.string(), "a writable directory",
               failed.message(), "choose another with --out"});
}

DirectoryPlace::~DirectoryPlace() { ::close(directory_); }

void DirectoryPlace::check() const {
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

DirectoryLock::DirectoryLock(const fs::path& directory) : place_(directory) {
  lock_ = ::openat(place_.descriptor(), ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
  if (lock_ < 0) {
    throw Error({"the output directory cannot be written", directory.string(),
                 "a writable directory", reason(errno), "choose another with --out"});
  }
  const int code = hold(lock_);
  if (code == 0) return;
  ::close(lock_);
  throw Error(not_locked(directory, code));
}

DirectoryLock::~DirectoryLock() { ::close(lock_); }

std::string frozen_yaml(CampaignConfig config) {
  config.threads = 0;
  config.limits = {};
  config.retries = CampaignConfig().retries;
  return to_yaml(config);
}

std::string lease_name(const std::filesystem::path& cell_file) {
  constexpr std::size_t kMost = 200;
  const std::string stem = cell_file.stem().string();
  const std::string name =
      cell_file.has_parent_path() ? cell_file.parent_path().string() + "~" + stem : stem;
  return name.size() <= kMost ? name : sha256_hex(name);
}

std::filesystem::path CampaignDirectory::cell_file(const Cell& cell,
                                                   const std::string& folder) const {
  return cell_file_in(path(), cell, folder);
}

std::optional<CellResult> CampaignDirectory::load_cell(const Cell& cell, const std::string& folder,
                                                       const std::string& content_key) const {
  std::optional<CellResult> stored = read_result(cell_file(cell, folder));
  if (!stored || !stored->error.empty() || stored->content_key != content_key) return std::nullopt;
  // Made from the same under another label: it is stored again, under this one.
  if (!same_cell(stored->cell, cell)) return std::nullopt;
  return stored;
}

std::string CampaignDirectory::why_again(const Cell& cell, const std::string& folder,
                                         const MadeFrom& made_from) const {
  const std::filesystem::path file = cell_file(cell, folder);
  const std::optional<CellResult> stored = read_result(file);
  if (!stored) return "";
  return stored->error.empty() ? what_changed(read_made_from(file), made_from) : kFailedBefore;
}

void CampaignDirectory::store_cell(const CellResult& result, const std::string& folder,
                                   const MadeFrom& made_from) {
  place_.check();
  nlohmann::ordered_json json = to_json(result);
  if (!made_from.empty()) json["made_from"] = made_from;
  seal(json);
  const std::filesystem::path file = cell_file(result.cell, folder);
  // Answers first: of a result that is there, nobody would make them again.
  std::vector<std::filesystem::path> files;
  if (!result.answers.empty()) {
    files.push_back(answers_file(file));
    write_file_atomically(files.back(), answers_text(result), Sync::kLater);
  }
  files.push_back(file);
  write_file_atomically(file, json_text(json, 1), Sync::kLater);
  const std::lock_guard<std::mutex> lock(mutex_);
  unsynced_.insert(unsynced_.end(), files.begin(), files.end());
  if (std::chrono::steady_clock::now() - synced_ > std::chrono::seconds(1)) sync_cells();
}

void CampaignDirectory::sync_cells() {
  sync_files(unsynced_);
  unsynced_.clear();
  synced_ = std::chrono::steady_clock::now();
}

void CampaignDirectory::write(const std::string& name, const std::string& content) const {
  place_.check();
  write_file_atomically(path() / name, content);
}

void CampaignDirectory::write_config(const std::string& yaml) const {
  if (text_of_file(path() / "config.yaml") != yaml) write("config.yaml", yaml);
}

void CampaignDirectory::log_event(const nlohmann::ordered_json& event, Sync sync) {
  place_.check();
  if (sync == Sync::kNow) {
    const std::lock_guard<std::mutex> lock(mutex_);
    sync_cells();
  }
  nlohmann::ordered_json line = {{"time", utc_now().text()}};
  line.update(event);
  append_to_file(path() / "events.jsonl", json_line(line) + "\n", sync);
}

}  // namespace pressroom
