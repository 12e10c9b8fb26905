#include "results/campaign_overview.h"

#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/sha256.h"
#include "base/whole_file.h"
#include "lease/lease.h"
#include "results/config_json.h"
#include "results/plan_json.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr CampaignState kStates[] = {CampaignState::kRunning, CampaignState::kFinished,
                                     CampaignState::kFailed, CampaignState::kUnfinished,
                                     CampaignState::kDamaged};

// What the log of a campaign says of its cells and of its last run.
struct LogSummary {
  std::optional<UtcTime> last;                           // the time of the last line
  bool run_ended = true;                                 // false after "begin" and "interrupted"
  std::set<std::pair<std::string, std::string>> failed;  // dataset and stem: the last try failed
};

std::string logged_word(const nlohmann::json& line, const char* key) {
  const auto found = line.find(key);
  return found != line.end() && found->is_string() ? found->get<std::string>() : "";
}

void take_line(std::string_view text, LogSummary& log) {
  const auto line = nlohmann::json::parse(text, nullptr, false);
  if (!line.is_object()) return;
  const std::string event = logged_word(line, "event");
  if (const std::optional<UtcTime> time = parse_utc_time(logged_word(line, "time"))) {
    log.last = time;
  }
  const std::pair<std::string, std::string> cell = {logged_word(line, "dataset"),
                                                    logged_word(line, "cell")};
  if (event == "begin" || event == "interrupted") {
    log.run_ended = false;
  } else if (event == "end") {
    log.run_ended = true;
  } else if (event == "cell failed") {
    log.failed.insert(cell);
  } else if (event == "cell" || event == "cell copied" || event == "cell kept") {
    log.failed.erase(cell);
  }
}

LogSummary read_log(const fs::path& file) {
  LogSummary log;
  const std::string text = text_of_file(file);
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    take_line(std::string_view(text).substr(begin, end - begin), log);
    begin = end + 1;
  }
  return log;
}

// The names in a folder, read at once: to ask for each cell's file would take a call for each, and
// over a network a way to the server. None where there is no such folder.
std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  std::error_code failed;
  for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    names.insert(entry->path().filename().string());
  }
  if (failed && failed != std::errc::no_such_file_or_directory) {
    throw Error({"a folder of the campaign cannot be read", folder.string(), "", failed.message(),
                 "check its permissions"});
  }
  return names;
}

void count_cells(const StoredPlan& plan, const LogSummary& log, CampaignOverview& overview) {
  overview.planned = plan.cells.size();
  std::map<fs::path, std::set<std::string>> folders;
  for (const PlannedFile& planned : plan.cells) {
    const fs::path file = planned.file;
    const auto [folder, is_new] = folders.try_emplace(file.parent_path());
    if (is_new) folder->second = names_in(overview.directory / file.parent_path());
    if (folder->second.count(file.filename().string()) == 0) continue;
    ++overview.done;
    overview.failed += log.failed.count({planned.cell.dataset, file.stem().string()});
  }
}

void read_labels(const fs::path& file, const std::string& sha256, CampaignLabels& labels) {
  const std::string yaml = read_campaign_file(file);
  labels = campaign_labels(config_json(yaml, file.string()));
  if (sha256.empty() || sha256_hex(yaml) == sha256) return;
  throw Error({"a file of the campaign was changed after it was written", file.string(),
               "content with SHA-256 " + sha256, "SHA-256 " + sha256_hex(yaml),
               "put the old content back, or run the campaign again in another directory"});
}

std::optional<UtcTime> time_of_file(const fs::path& file) {
  struct stat found = {};
  if (::stat(file.c_str(), &found) != 0) return std::nullopt;
  return UtcTime{found.st_mtime};
}

bool is_worked_on(const fs::path& directory) {
  const std::vector<SeenHolder> holders = holders_in(directory / "leases");
  return std::any_of(holders.begin(), holders.end(),
                     [](const SeenHolder& seen) { return !seen.has_ended; });
}

CampaignOverview look_at(const fs::path& directory) {
  CampaignOverview overview;
  overview.directory = directory;
  const bool is_running = is_worked_on(directory);
  const LogSummary log = read_log(directory / "events.jsonl");
  overview.date = log.last ? log.last : time_of_file(directory / "plan.json");
  // Every damaged file is named.
  const auto collect = [&overview](auto read) {
    try {
      read();
    } catch (const Error& error) {
      overview.problems.insert(overview.problems.end(), error.problems().begin(),
                               error.problems().end());
    }
  };
  StoredPlan plan;
  collect([&] { plan = read_plan(directory); });
  collect([&] { read_labels(directory / "config.yaml", plan.config_sha256, overview.labels); });
  collect([&] { count_cells(plan, log, overview); });
  if (overview.labels.name.empty()) overview.labels.name = plan.name;
  if (!overview.problems.empty()) {
    overview.state = CampaignState::kDamaged;
  } else if (is_running) {
    overview.state = CampaignState::kRunning;
  } else if (overview.done < overview.planned || !log.run_ended) {
    // With all files there a run may have stopped before those of them that changed were run again.
    overview.state = CampaignState::kUnfinished;
  } else {
    overview.state = overview.failed > 0 ? CampaignState::kFailed : CampaignState::kFinished;
  }
  return overview;
}

}  // namespace

const char* to_string(CampaignState state) {
  switch (state) {
    case CampaignState::kRunning:
      return "running";
    case CampaignState::kFinished:
      return "finished";
    case CampaignState::kFailed:
      return "failed";
    case CampaignState::kUnfinished:
      return "unfinished";
    case CampaignState::kDamaged:
      break;
  }
  return "damaged";
}

std::optional<CampaignState> campaign_state_named(const std::string& name) {
  for (const CampaignState state : kStates) {
    if (name == to_string(state)) return state;
  }
  return std::nullopt;
}

CampaignOverview read_overview(const fs::path& directory) {
  CampaignOverview overview = look_at(directory);
  if (overview.problems.empty() || !is_worked_on(directory)) return overview;
  // A run that begins writes one file after the other: a second look tells.
  std::this_thread::sleep_for(std::chrono::milliseconds(200));
  return look_at(directory);
}

}  // namespace pressroom
