#include "campaign/jobs.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "campaign/provenance.h"
#include "pressroom/error.h"
#include "protocol/plan_facts.h"

namespace pressroom {

std::vector<Job> make_jobs(const JobParts& parts) {
  const CampaignConfig& config = parts.campaign.config;
  std::vector<Job> jobs;
  std::vector<Problem> problems;
  for (const PlannedCell& planned : parts.campaign.cells) {
    if (parts.stop_requested()) throw Interrupted();
    Job job;
    job.planned = &planned;
    job.folder = config.datasets.size() > 1 ? planned.cell.dataset : "";
    try {
      job.windows = parts.windows.find(planned, problems);
      if (job.windows == nullptr) continue;
      const nlohmann::ordered_json content =
          content_parts(planned, config, parts.model.hashes, *job.windows,
                        parts.campaign.methods[planned.method]->files(), parts.host);
      job.content_key = content_key(content);
      job.made_from = made_from(content);
      job.stored = parts.directory.load_cell(planned.cell, job.folder, job.content_key);
      if (!job.stored) {
        job.why_again = parts.directory.why_again(planned.cell, job.folder, job.made_from);
      }
    } catch (const Error& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
    jobs.push_back(std::move(job));
  }
  if (!problems.empty()) throw Error(problems);
  return jobs;
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

std::vector<PlannedFile> planned_files(const std::vector<Job>& jobs,
                                       const CampaignDirectory& directory) {
  std::vector<PlannedFile> cells;
  for (const Job& job : jobs) {
    const PlannedCell& planned = *job.planned;
    const std::filesystem::path file = directory.cell_file(planned.cell, job.folder);
    cells.push_back({planned.cell, file.lexically_relative(directory.path()).string(),
                     planned.engine == Engine::kReplay ? "replay" : "decode", evicts(planned.plan),
                     takes_budget(planned.plan)});
  }
  return cells;
}

}  // namespace pressroom
