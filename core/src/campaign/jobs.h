// The cells of a campaign with everything that is found out about them before the first one runs:
// their windows, their content keys, what is stored already.
//
//   for (const Job& job : make_jobs(parts)) {
//     if (job.stored) ...          // that is its result
//   }
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

namespace pressroom {

struct Job {
  const PlannedCell* planned = nullptr;
  const std::vector<Window>* windows = nullptr;
  std::string folder;       // of the result within the directory; "" for the directory itself
  std::string content_key;  // of the result
  MadeFrom made_from;       // what it is made from, by name
  std::optional<CellResult> stored;  // with this key, from an earlier run
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

// One for each planned cell, in order. Throws Interrupted, and Error with everything that is wrong
// with datasets and stored results: not when the night is half over.
std::vector<Job> make_jobs(const JobParts& parts);

// What there is to say before cells are run again because something changed: a line for each method
// and change. Those that failed before are not among them.
std::vector<std::string> again_messages(const std::vector<Job>& jobs);

// Writes provenance.json, plugins.lock - but where the campaign is held to it - and plan.json.
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
// created, changed or locked. Throws Error when the directory holds another campaign, or a result
// that is not whole.
std::vector<CellOutlook> cell_outlooks(const PreparedCampaign& campaign,
                                       const std::filesystem::path& directory,
                                       const PluginHost& host);

}  // namespace pressroom
