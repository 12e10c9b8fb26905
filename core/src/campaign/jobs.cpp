#include "campaign/jobs.h"

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
      job.content_key = content_key(planned, config, parts.model.hashes, *job.windows,
                                    parts.campaign.methods[planned.method]->files(), parts.host);
      job.stored = parts.directory.load_cell(planned.cell, job.folder, job.content_key);
    } catch (const Error& error) {
      problems.insert(problems.end(), error.problems().begin(), error.problems().end());
    }
    jobs.push_back(std::move(job));
  }
  if (!problems.empty()) throw Error(problems);
  return jobs;
}

std::vector<PlannedFile> planned_files(const std::vector<Job>& jobs,
                                       const CampaignDirectory& directory) {
  std::vector<PlannedFile> cells;
  for (const Job& job : jobs) {
    const PlannedCell& planned = *job.planned;
    const std::filesystem::path file = directory.cell_file(planned.cell, job.folder);
    cells.push_back({planned.cell, file.lexically_relative(directory.path()).string(),
                     planned.engine == Engine::kReplay ? "replay" : "decode", acts(planned.plan),
                     takes_budget(planned.plan)});
  }
  return cells;
}

}  // namespace pressroom
