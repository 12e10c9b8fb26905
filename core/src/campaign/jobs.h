// The cells of a campaign with everything that is found out about them before the first one runs.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "campaign/campaign.h"
#include "campaign/campaign_model.h"
#include "campaign/directory.h"
#include "campaign/window_store.h"
#include "results/plan_json.h"

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

// What plan.json says of them.
std::vector<PlannedFile> planned_files(const std::vector<Job>& jobs,
                                       const CampaignDirectory& directory);

}  // namespace pressroom
