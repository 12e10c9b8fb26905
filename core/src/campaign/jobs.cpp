#include "campaign/jobs.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/json_text.h"
#include "base/sha256.h"
#include "campaign/locked_plugins.h"
#include "campaign/provenance.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"
#include "results/plan_json.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

std::map<std::string, std::int64_t> limits_of_plan(const CampaignConfig& config) {
  return {{"seconds", config.limits.seconds},
          {"stall_seconds", config.limits.stall_seconds},
          {"memory_mb", config.limits.memory_mb},
          {"retries", config.retries}};
}

// What can be said without opening a model or a text.
MadeFrom known_parts(const PlannedCell& planned, const PreparedCampaign& campaign,
                     const PluginHost& host) {
  nlohmann::ordered_json parts = content_parts(planned, campaign.config, {}, {}, {}, host);
  parts.erase("model");
  return made_from(parts);
}

bool differs(const MadeFrom& before, const MadeFrom& now) {
  for (const auto& [name, value] : now) {
    const auto old = before.find(name);
    if (old == before.end() || old->second != value) return true;
  }
  return false;
}

}  // namespace

std::string lease_of(const Job& job) {
  return lease_name(cell_file_in({}, job.planned->cell, job.folder));
}

std::vector<Job> make_jobs(const JobParts& parts) {
  const CampaignConfig& config = parts.campaign.config;
  std::vector<Job> jobs;
  std::vector<Problem> problems;
  for (const PlannedCell& planned : parts.campaign.cells) {
    if (parts.stop_requested()) throw Interrupted();
    Job job;
    job.planned = &planned;
    job.folder = result_folder(planned, config);
    try {
      job.windows = parts.windows.find(planned, problems);
      if (job.windows == nullptr) continue;
      const nlohmann::ordered_json content =
          content_parts(planned, config, parts.model.hashes, *job.windows,
                        parts.campaign.methods[planned.method]->files(), parts.host);
      job.content_key = content_key(content);
      job.made_from = made_from(content);
    } catch (const Error& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
    jobs.push_back(std::move(job));
  }
  if (!problems.empty()) throw Error(problems);
  return jobs;
}

void find_stored(std::vector<Job>& jobs, const CampaignDirectory& directory,
                 const ResultsByKey& results) {
  std::vector<Problem> problems;
  for (Job& job : jobs) {
    const Cell& cell = job.planned->cell;
    try {
      job.stored = directory.load_cell(cell, job.folder, job.content_key);
      if (job.stored) continue;
      if (std::optional<FoundResult> found = results.find(job.content_key)) {
        job.stored = std::move(found->result);
        job.stored_at = std::move(found->file);
      } else {
        job.why_again = directory.why_again(cell, job.folder, job.made_from);
      }
    } catch (const Error& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
  }
  if (!problems.empty()) throw Error(problems);
}

std::vector<PlannedFile> planned_files(const std::vector<Job>& jobs) {
  std::vector<PlannedFile> cells;
  for (const Job& job : jobs) {
    const PlannedCell& planned = *job.planned;
    cells.push_back({planned.cell, cell_file_in({}, planned.cell, job.folder).string(),
                     planned.engine == Engine::kReplay ? "replay" : "decode", evicts(planned.plan),
                     takes_budget(planned.plan), job.content_key});
  }
  return cells;
}

std::vector<std::string> again_messages(const std::vector<Job>& jobs) {
  struct Change {
    std::string method;
    std::string why;
    std::size_t cells = 0;
  };
  std::vector<Change> changes;  // in the order of the plan
  for (const Job& job : jobs) {
    if (job.why_again.empty() || job.why_again == kFailedBefore) continue;
    const std::string& method = job.planned->cell.method;
    auto found = std::find_if(changes.begin(), changes.end(), [&](const Change& change) {
      return change.method == method && change.why == job.why_again;
    });
    if (found == changes.end()) found = changes.insert(found, {method, job.why_again});
    ++found->cells;
  }
  std::vector<std::string> messages;
  messages.reserve(changes.size());
  for (const Change& change : changes) {
    messages.push_back(change.method + ": " + std::to_string(change.cells) +
                       (change.cells == 1 ? " cell is" : " cells are") + " run again, as " +
                       change.why);
  }
  return messages;
}

void write_records(const std::vector<Job>& jobs, const JobParts& parts, const std::string& yaml,
                   const std::vector<std::string>& command_line, const std::string& run) {
  using Json = nlohmann::ordered_json;
  const PreparedCampaign& campaign = parts.campaign;
  const Json origin = provenance(campaign.config, parts.model.files, parts.model.description,
                                 parts.model.hashes, campaign.datasets, parts.host, command_line);
  const std::string origin_text = json_text(origin, 1);
  parts.directory.write_config(yaml);
  parts.directory.write("provenance.json", origin_text);
  // Before the plan: who joins it looks at the lock first.
  if (!campaign.is_locked) {
    parts.directory.write(kLockFile, plugins_lock_text(lock_of(campaign.config, parts.host)));
  }
  const Json plan = plan_json({campaign.config.name, sha256_hex(yaml), sha256_hex(origin_text),
                               planned_files(jobs), run, limits_of_plan(campaign.config)});
  parts.directory.write("plan.json", json_text(plan, 1));
}

std::vector<CellOutlook> cell_outlooks(const PreparedCampaign& campaign,
                                       const std::filesystem::path& directory,
                                       const PluginHost& host) {
  std::vector<CellOutlook> outlooks(campaign.cells.size());
  if (!std::filesystem::exists(directory)) return outlooks;
  for (std::size_t i = 0; i < campaign.cells.size(); ++i) {
    const PlannedCell& planned = campaign.cells[i];
    if (planned.awaits_calibration) continue;
    const std::string folder = result_folder(planned, campaign.config);
    const std::filesystem::path file = cell_file_in(directory, planned.cell, folder);
    const std::optional<CellResult> stored = read_result(file);
    if (!stored) continue;
    if (!stored->error.empty()) {
      outlooks[i].state = CellState::kFailed;
      continue;
    }
    const MadeFrom before = read_made_from(file);
    const MadeFrom now = known_parts(planned, campaign, host);
    const bool changed = !before.empty() && differs(before, now);
    outlooks[i].state = changed ? CellState::kChanged : CellState::kDone;
    if (changed) outlooks[i].why = what_changed(before, now);
  }
  return outlooks;
}

}  // namespace pressroom
