// From a config to the cells it asks for, before any model is loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "campaign/calibration.h"
#include "campaign/cell.h"
#include "config/config.h"
#include "engine/run.h"
#include "pressroom/method.h"

namespace pressroom {

struct PlannedCell {
  Cell cell;
  std::size_t method = 0;   // index into CampaignConfig::methods
  std::size_t dataset = 0;  // index into CampaignConfig::datasets
  EvictionPlan plan;
  Engine engine = Engine::kReplay;
  // Under `match`, before the calibration: budget and sparsity are not known yet, and stand at
  // those of a cache that keeps everything.
  bool awaits_calibration = false;
};

// Entries kept at `sparsity` of a context: int(context * (1 - sparsity)) in double precision, as
// the reference implementations compute it.
std::int64_t budget_from_sparsity(std::int64_t context_tokens, double sparsity);

// All cells, those that share their windows next to each other and dense first among them.
// `methods` are those of the config, configured, in order. Throws Error, with every problem, for a
// budget that does not hold what a method protects and for a method that could not evict anything
// before the last scored target under the protocol (sparsity 0 is allowed: it must reproduce
// dense).
//
// Under `match`, cells of the method that is matched to and of those matched have the sparsity that
// `calibration` measured and the budgets it found; without one, the latter await it. A method that
// cannot be matched to, because a budget says what it keeps or because it keeps everything, is a
// problem.
std::vector<PlannedCell> plan_cells(const CampaignConfig& config,
                                    const std::vector<std::unique_ptr<Method>>& methods,
                                    const Calibration* calibration = nullptr);

}  // namespace pressroom
