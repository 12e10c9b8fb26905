// What a planned cell can be refused for before a model is loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "campaign/plan.h"
#include "campaign/plan_problems.h"

namespace pressroom {

class PlanChecks {
 public:
  // Both are borrowed. `keys` may be empty: then messages name no keys of methods.
  PlanChecks(const CampaignConfig& config, const KeysThatHelp& keys);

  // Looks at one cell; what is wrong goes to problems().
  void check(const PlannedCell& planned);

  // For what is found elsewhere about a cell.
  void add(const PlannedCell& planned, const Error& error);

  const PlanProblems& problems() const { return problems_; }

 private:
  void check_budget_of(const PlannedCell& planned);
  void check_name(const PlannedCell& planned);
  std::string keys_words(const PlannedCell& planned, const std::string& before,
                         const std::function<bool(const EvictionPlan&)>& helps);

  const CampaignConfig& config_;
  const KeysThatHelp& keys_;
  std::size_t longest_suffix_;
  // By method and budget: methods are asked once for all seeds and datasets.
  std::map<std::pair<std::size_t, std::int64_t>, std::string> known_keys_;
  PlanProblems problems_;
};

}  // namespace pressroom
