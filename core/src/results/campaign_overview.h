// How far a campaign is, read cheaply: for lists of many campaigns, of thousands of cells each.
//
//   const CampaignOverview overview = read_overview("results/night");
//   overview.done;                // 57 of overview.planned, two of them failed: overview.failed
//   to_string(overview.state);    // "running"
//
// Read are plan.json, config.yaml, events.jsonl, the names in the folders of cells, and leases/; no
// result is opened. So this is what it can tell, and what it cannot:
//
// - A cell is done where its file is there. That the file is whole, and that it is of what the plan
//   asks for now - a plugin may have changed since - is for `run`, `watch` and `report` to say.
// - A cell has failed where the last line of the log about it says so. Of a log that is missing or
//   was cut, failures are not known.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/utc_time.h"
#include "pressroom/error.h"
#include "results/campaign_labels.h"

namespace pressroom {

enum class CampaignState {
  kRunning,     // a process works on it, as far as can be seen from this machine
  kFinished,    // every cell has a result
  kFailed,      // likewise, and some cells failed
  kUnfinished,  // cells are missing, or the last run did not come to its end
  kDamaged,     // its own files cannot be read: `problems` says which
};

// "running", "finished", "failed", "unfinished", "damaged"; and back, nothing for other words.
const char* to_string(CampaignState state);
std::optional<CampaignState> campaign_state_named(const std::string& name);

struct CampaignOverview {
  std::filesystem::path directory;
  CampaignLabels labels;  // its name is known where plan.json or config.yaml can be read
  // Of the last line of the log, as a rule the end of a run or a result; without a log, when the
  // plan was written.
  std::optional<UtcTime> date;
  std::size_t planned = 0;
  std::size_t done = 0;  // the failed ones among them
  std::size_t failed = 0;
  CampaignState state = CampaignState::kDamaged;
  std::vector<Problem> problems;  // empty unless damaged
};

// Of the campaign in `directory`, whatever state its files are in: nothing is thrown for what they
// hold, nothing created or changed.
CampaignOverview read_overview(const std::filesystem::path& directory);

}  // namespace pressroom
