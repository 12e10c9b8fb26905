// What a directory already has of a campaign, told without its model and its texts: for whoever
// wants to know what a run would do.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "campaign/campaign.h"

namespace pressroom {

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
