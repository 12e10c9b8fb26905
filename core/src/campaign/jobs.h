// The cells of a campaign with everything that is found out about them before the first one runs:
// their windows, their content keys, what is stored already.
//
//   std::vector<Job> jobs = make_jobs(parts);            // with their content keys
//   find_stored(jobs, directory, ResultsByKey({directory.path()}));
//   if (jobs[0].stored) ...                              // that is its result
//   cell_outlooks(campaign, directory, host);   // without model and texts: what a run would do
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "campaign/directory.h"
#include "campaign/prepared_campaign.h"
#include "campaign/sampling.h"
#include "results/plan_json.h"
#include "results/results_by_key.h"

namespace pressroom {

struct Job {
  const PlannedCell* planned = nullptr;
  const std::vector<Window>* windows = nullptr;
  std::string folder;       // of the result within the directory; "" for the directory itself
  std::string content_key;  // of the result
  MadeFrom made_from;       // what it is made from, by name
  std::optional<CellResult> stored;  // with this key, from an earlier run
  // Where that lies in the directory, if not in the cell's place; "" where it does.
  std::filesystem::path stored_at;
  std::string why_again;  // where another result is stored for the cell: why that is not this one
};

// The name of the lease on the job's cell.
std::string lease_of(const Job& job);

// What jobs are made from; borrowed, as are the cells and windows that jobs point to.
struct JobParts {
  const PreparedCampaign& campaign;
  const CampaignModel& model;
  WindowStore& windows;
  const CampaignDirectory& directory;
  const PluginHost& host;
  std::function<bool()> stop_requested;
};

// One for each planned cell, in order, with its content key. Reads no results. Throws Interrupted,
// and Error with everything that is wrong with datasets: not when the night is half over.
std::vector<Job> make_jobs(const JobParts& parts);

// Reads what is stored of `jobs`: in the places of their cells, else wherever `results`, those of
// the directory, have it. Throws Error with everything that is wrong with stored results.
void find_stored(std::vector<Job>& jobs, const CampaignDirectory& directory,
                 const ResultsByKey& results);

// The plan's cells, as plan.json has them.
std::vector<PlannedFile> planned_files(const std::vector<Job>& jobs);

// What there is to say before cells are run again because something changed: a line for each method
// and change. Those that failed before are not among them.
std::vector<std::string> again_messages(const std::vector<Job>& jobs);

// Writes config.yaml, provenance.json, plugins.lock - but where the campaign is held to it - and
// plan.json, by which readers go.
// `jobs` have been made: datasets have been read by then and say what from, and the plan names the
// files of cells. `yaml` is the frozen config, `run` the name
// of the run that the plan is of.
void write_records(const std::vector<Job>& jobs, const JobParts& parts, const std::string& yaml,
                   const std::vector<std::string>& command_line, const std::string& run);

// What a directory already has of a campaign, told without its model and its texts: for whoever
// wants to know what a run would do.
enum class CellState {
  kToRun,  // nothing is stored, or it awaits a calibration
  kDone,
  kFailed,  // stored as an error: a run tries again
  kChanged  // stored, and a run makes it again
};

struct CellOutlook {
  CellState state = CellState::kToRun;
  std::string why;  // of kChanged: "method h2o changed: 9f86d081 -> 60303ae2"
};

// One for each cell of `campaign`, in order; all of them kToRun where there is no `directory`. What
// model files, texts and the files that methods read have become is not looked at. Nothing is
// created, changed or locked. The directory's config has to say the same of the numbers. Throws
// Error when it holds a result that is not whole.
std::vector<CellOutlook> cell_outlooks(const PreparedCampaign& campaign,
                                       const std::filesystem::path& directory,
                                       const PluginHost& host);

}  // namespace pressroom
