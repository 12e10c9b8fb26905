#include "campaign/directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <ctime>
#include <nlohmann/json.hpp>
#include <thread>

#include "campaign/cell_json.h"
#include "files/atomic_file.h"
#include "files/read_file.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts = {};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

// Whether the lock could be had. Whoever looks whether a run holds it has it for an instant: a few
// tries tell such a reader from a run.
bool hold(int lock) {
  for (int attempt = 0; attempt < 5; ++attempt) {
    if (::flock(lock, LOCK_EX | LOCK_NB) == 0) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  }
  return false;
}

// What plugins and file systems say need not be UTF-8.
std::string text_of(const nlohmann::ordered_json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

CampaignDirectory::CampaignDirectory(const std::filesystem::path& directory)
    : directory_(directory) {
  std::error_code failed;
  std::filesystem::create_directories(directory_, failed);
  const std::filesystem::path lock_file = directory_ / ".lock";
  if (!failed) {
    lock_ = ::open(lock_file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (lock_ < 0) failed = std::error_code(errno, std::generic_category());
  }
  if (failed) {
    throw Error({"the output directory cannot be written", directory_.string(),
                 "a writable directory", failed.message(), "choose another with --out"});
  }
  if (!hold(lock_)) {
    ::close(lock_);
    throw Error({"another run is using the output directory", directory_.string(),
                 "one run in a directory at a time", "its lock is held",
                 "wait for the other run, or choose another directory with --out"});
  }
}

CampaignDirectory::~CampaignDirectory() { ::close(lock_); }

void CampaignDirectory::check_config(const std::string& yaml) const {
  const std::filesystem::path file = directory_ / "config.yaml";
  if (!std::filesystem::exists(file) || text_of_file(file) == yaml) return;
  throw Error({"the output directory holds another campaign", file.string(),
               "the config this directory was started with", "a config that resolves differently",
               "choose another directory with --out, or run the old config to finish it"});
}

void CampaignDirectory::freeze_config(const std::string& yaml) const {
  const std::filesystem::path file = directory_ / "config.yaml";
  if (!std::filesystem::exists(file)) write_file_atomically(file, yaml);
}

std::filesystem::path CampaignDirectory::cell_file(const Cell& cell,
                                                   const std::string& folder) const {
  return directory_ / folder / (cell.file_stem() + ".json");
}

std::optional<CellResult> CampaignDirectory::load_cell(const Cell& cell, const std::string& folder,
                                                       const std::string& content_key) const {
  const std::filesystem::path file = cell_file(cell, folder);
  if (!std::filesystem::exists(file)) return std::nullopt;
  CellResult result = cell_result_from_json(text_of_file(file), file.string());
  if (!result.error.empty() || result.content_key != content_key) return std::nullopt;
  return result;
}

void CampaignDirectory::store_cell(const CellResult& result, const std::string& folder) const {
  write_file_atomically(cell_file(result.cell, folder), text_of(to_json(result), 1));
}

void CampaignDirectory::write(const std::string& name, const std::string& content) const {
  write_file_atomically(directory_ / name, content);
}

void CampaignDirectory::log_event(nlohmann::ordered_json event) const {
  nlohmann::ordered_json line = {{"time", utc_now()}};
  line.update(event);
  append_to_file(directory_ / "events.jsonl", text_of(line, -1));
}

}  // namespace pressroom
