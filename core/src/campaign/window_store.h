// The windows of a whole campaign, each drawn once.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "campaign/plan.h"
#include "campaign/sampling.h"
#include "pressroom/error.h"

namespace pressroom {

class WindowStore {
 public:
  // All are borrowed. `datasets` are those of the config, configured, in order.
  WindowStore(const CampaignConfig& config,
              const std::vector<std::unique_ptr<DatasetReader>>& datasets,
              const Tokenizer& tokenizer, std::int64_t vocabulary)
      : config_(config), datasets_(datasets), tokenizer_(tokenizer), vocabulary_(vocabulary) {}

  // The windows of the cell's dataset, context and seed; valid as long as the store. nullptr where
  // the dataset has none: why goes to `problems`, once for all seeds, as it does not depend on
  // them.
  const std::vector<Window>* find(const PlannedCell& planned, std::vector<Problem>& problems);

 private:
  const CampaignConfig& config_;
  const std::vector<std::unique_ptr<DatasetReader>>& datasets_;
  const Tokenizer& tokenizer_;
  std::int64_t vocabulary_;  // of the model: ids beyond it are a problem of the dataset
  std::map<std::tuple<std::size_t, std::int64_t, std::uint64_t>, std::vector<Window>> windows_;
  std::set<std::pair<std::size_t, std::int64_t>> unusable_;  // dataset, context
};

}  // namespace pressroom
