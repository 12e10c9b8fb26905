// Runs of methods on the windows of a calibration, and the fraction that each keeps.
//
//   const CalibrationRuns runs(parts, seed, std::move(windows));
//   const double target = runs.measure(dms, context).kept;
//   match_budget(runs.search_for(h2o, target, 0.01),
//                [&](std::int64_t budget) { return runs.measure(h2o, budget).kept; });
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "campaign/calibration/calibrate.h"
#include "campaign/calibration/match_budget.h"

namespace pressroom {

// Over windows, layers and heads.
struct HeldFractions {
  double kept = 0;  // of the entries seen, what is held at the end
  double mean = 0;  // of the window, what is held after a step, mean over steps
};

class CalibrationRuns {
 public:
  // `parts` is borrowed. `windows` are of one dataset and context; random numbers are of `seed`.
  CalibrationRuns(const CalibrationParts& parts, std::uint64_t seed, std::vector<Window> windows);

  const std::vector<Window>& windows() const { return windows_; }

  // Runs the method under that budget. Throws what running throws.
  HeldFractions measure(const PlannedCell& planned, std::int64_t budget) const;

  // The search for a budget that keeps `target`, or holds it on average where the config's match is
  // by that: between the smallest that holds what the method
  // protects and all that is compressed, from the one that a head per budget would need.
  MatchSearch search_for(const PlannedCell& planned, double target, double tolerance) const;

  // SHA-256 of all that runs of `planned` on the windows depend on, but for a budget found here.
  std::string key_of(PlannedCell planned) const;

  // "h2o on books, context 512", for messages.
  std::string where(const PlannedCell& planned) const;

 private:
  std::int64_t least_budget(const PlannedCell& planned, std::int64_t most) const;
  RunTerms terms_under(PlannedCell planned, std::int64_t budget) const;

  const CalibrationParts& parts_;
  const CampaignConfig& config_;
  std::uint64_t seed_;
  std::vector<Window> windows_;
  std::vector<TokenDocument> documents_;
};

}  // namespace pressroom
