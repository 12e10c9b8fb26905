// Matching compression: the budgets at which methods keep as much as one that decides by itself.
//
// `match: {to: dms}` runs `dms` on windows that no seed of the campaign scores, measures the
// fraction of the entries seen that its caches hold at the end - the metric `kept_ratio` - and
// searches for every other method the budget under which that fraction is the same on the same
// windows. One search for each dataset and context.
//
//   const Calibration calibration = calibrate(parts, directory / "calibration.json");
//   campaign.cells = plan_cells(campaign.config, campaign.methods, &calibration);
#pragma once

#include <filesystem>
#include <functional>

#include "campaign/prepared_campaign.h"
#include "campaign/sampling.h"
#include "results/calibration.h"

namespace pressroom {

// What a calibration is made with; borrowed.
struct CalibrationParts {
  const PreparedCampaign& campaign;  // with `match`, planned without a calibration; methods bound
  const CampaignModel& model;
  std::function<const Model&()> weights;  // called when something has to be run
  WindowStore& windows;                   // of the campaign
  const PluginHost& host;
  std::int64_t threads = 1;
  std::function<bool()> stop_requested;
  WarningSink tell;  // what was found, and which methods are not matched
};

// Finds the budgets. What is in `file` and depends on the same things - model, plugins, windows,
// settings - is taken from there; each finding is written there at once, so that an interrupted
// calibration goes on where it stopped. Throws Interrupted, and Error when the dataset has too few
// windows, a run fails, the method that sets the measure removes nothing, or a method cannot keep
// as little or as much: all that are out of reach are named together.
Calibration calibrate(const CalibrationParts& parts, const std::filesystem::path& file);

}  // namespace pressroom
