#include "results/stored_campaign.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "base/file_kinds.h"
#include "base/whole_file.h"
#include "lease/lease.h"
#include "pressroom/error.h"
#include "results/config_json.h"
#include "results/history.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

std::string described(const Cell& cell) {
  return cell.file_stem() + " on " + cell.dataset + ", budget " +
         std::to_string(cell.budget_tokens) + ", positions " + to_string(cell.positions) +
         ", protocol " + cell.protocol;
}

Json read_provenance(const fs::path& directory, const std::string& sha256) {
  try {
    return Json::parse(text_of_plan(directory, "provenance.json", sha256));
  } catch (const Json::exception& error) {
    throw Error({"the provenance is not whole", (directory / "provenance.json").string(),
                 "a JSON object", error.what(), kRunAgain});
  }
}

CellResult read_cell(const PlannedFile& planned, const fs::path& file) {
  std::error_code unreadable;
  std::optional<CellResult> stored;
  // What is missing is still to be run. What cannot be looked at is an error, not work to do.
  if (fs::exists(file, unreadable) || unreadable) {
    const std::string text = read_campaign_file(file);
    if (!is_torn(text)) stored = cell_result_from_json(text, file.string());
  }
  if (!stored) {
    stored.emplace();
    stored->cell = planned.cell;
    stored->error = kNotRun;
    return *stored;
  }
  if (same_cell(stored->cell, planned.cell)) return std::move(*stored);
  throw Error({"a file holds another cell than the plan says", file.string(),
               described(planned.cell), described(stored->cell),
               "delete the file and run the campaign again"});
}

// In the directory; or, while the plan is about to change, where it was put aside.
fs::path place_of_result(const PlannedFile& planned, const fs::path& directory,
                         const std::optional<fs::path>& unfinished) {
  std::error_code ignored;
  const bool is_aside = unfinished && !fs::exists(directory / planned.file, ignored) &&
                        fs::exists(*unfinished / planned.file, ignored);
  return (is_aside ? *unfinished : directory) / planned.file;
}

bool looks_like_a_campaign(const fs::path& directory) {
  std::error_code ignored;
  if (fs::exists(directory / "config.yaml", ignored)) return true;
  for (const fs::directory_entry& entry : fs::directory_iterator(directory, ignored)) {
    if (entry.path().filename().string().find("_seed") != std::string::npos) return true;
  }
  return false;
}

void require_campaign(const fs::path& directory) {
  std::error_code failed;
  const fs::file_status status = fs::status(directory, failed);
  const auto refuse = [&](const std::string& what, const std::string& got, const std::string& fix) {
    throw Error({what, directory.string(), "the directory of a campaign", got, fix});
  };
  if (status.type() == fs::file_type::not_found) {
    refuse("the campaign's directory is not there", "no such directory", "check the path");
  }
  if (failed) refuse("the campaign's directory cannot be read", failed.message(), "check the path");
  if (!fs::is_directory(status)) {
    refuse("the campaign is no directory", "a file", "give the directory that it is in");
  }
  if (fs::exists(directory / "plan.json", failed)) return;
  if (failed) refuse("the campaign's directory cannot be read", failed.message(), "check the path");
  if (looks_like_a_campaign(directory)) {
    refuse("the directory holds a campaign of another version", "no plan.json",
           "run it again with this version in an empty directory: results of other versions are "
           "not reused");
  }
  refuse("there is no campaign here", "no plan.json", "give the --out of a run, or results/<name>");
}

// Who works on it, on this machine or another.
void read_workers(const fs::path& directory, StoredCampaign& campaign) {
  for (const SeenHolder& seen : holders_in(directory / "leases")) {
    campaign.running = campaign.running || !seen.has_ended;
    CampaignWorker worker;
    worker.name = seen.holder ? seen.holder->text() : "";
    worker.has_ended = seen.has_ended;
    for (const std::string& name : seen.names) {
      const bool is_cell = name != "plan" && name != "aggregates" && name[0] != '~';
      if (is_cell) worker.cells.push_back(name);
    }
    if (!worker.cells.empty()) campaign.workers.push_back(std::move(worker));
  }
  std::sort(campaign.workers.begin(), campaign.workers.end(),
            [](const CampaignWorker& a, const CampaignWorker& b) { return a.name < b.name; });
}

}  // namespace

std::size_t StoredCampaign::finished() const {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(),
                    [](const CellResult& result) { return result.error != kNotRun; }));
}

fs::path StoredCampaign::cell_file(const Cell& cell) const {
  const auto found = std::find_if(plan.begin(), plan.end(), [&cell](const PlannedFile& planned) {
    return same_cell(planned.cell, cell);
  });
  PRESSROOM_ASSERT(found != plan.end());
  return directory / found->file;
}

std::vector<fs::path> StoredCampaign::traces_of(const Cell& cell) const {
  const fs::path stem = cell_file(cell).replace_extension();
  std::vector<std::pair<std::size_t, fs::path>> traces;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(stem.parent_path(), ignored)) {
    const std::string name = entry.path().filename().string();
    const std::string prefix = stem.filename().string() + ".";
    std::error_code gone;
    if (!entry.is_regular_file(gone) || name.rfind(prefix, 0) != 0 ||
        entry.path().extension() != ".trace")
      continue;
    const std::string number = entry.path().stem().string().substr(prefix.size());
    // Anybody may have put files here, and stoul throws for what is no number or too large.
    if (number.empty() || number.size() > 9 ||
        number.find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    traces.emplace_back(std::stoul(number), entry.path());
  }
  std::sort(traces.begin(), traces.end());
  std::vector<fs::path> files;
  files.reserve(traces.size());
  for (auto& [window, file] : traces) files.push_back(std::move(file));
  return files;
}

void require_results(const StoredCampaign& campaign) {
  if (campaign.finished() > 0) return;
  throw Error({"nothing is finished yet", campaign.directory.string(),
               "at least one of " + std::to_string(campaign.results.size()) + " cells", "none",
               campaign.running ? "wait for the first cell of the run that is going on"
                                : "run the campaign to its end"});
}

StoredCampaign read_campaign(const fs::path& directory) {
  require_campaign(directory);
  StoredCampaign campaign;
  campaign.directory = directory;
  // Before the cells: what is missing then is missing because the run goes on.
  read_workers(directory, campaign);
  StoredPlan plan = read_plan(directory);
  campaign.name = std::move(plan.name);
  campaign.plan = std::move(plan.cells);
  std::vector<Problem> problems;
  // Every damaged file is named at once (decision 20).
  const auto collect = [&problems](auto read) {
    try {
      read();
    } catch (const Error& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  };
  collect([&] {
    campaign.config = config_json(text_of_plan(directory, "config.yaml", plan.config_sha256),
                                  (directory / "config.yaml").string());
  });
  collect([&] { campaign.provenance = read_provenance(directory, plan.provenance_sha256); });
  const std::optional<fs::path> unfinished = unfinished_extension(directory);
  for (const PlannedFile& planned : campaign.plan) {
    collect([&] {
      campaign.results.push_back(
          read_cell(planned, place_of_result(planned, directory, unfinished)));
    });
  }
  if (!problems.empty()) throw Error(problems);
  // What tells cells apart is a matter of the config, and is not in their files.
  const bool by_budget = campaign.config.is_object() && campaign.config.contains("budget");
  for (PlannedFile& planned : campaign.plan) planned.cell.by_budget = by_budget;
  for (CellResult& result : campaign.results) result.cell.by_budget = by_budget;
  return campaign;
}

}  // namespace pressroom
