// What a planned cell can be refused for before a model is loaded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "campaign/plan.h"
#include "campaign/plan_problems.h"

namespace pressroom {

// A method's label as its cells have it: `label`, or the start of one that is longer than any name
// of a file, which PlanChecks refuses.
std::string label_of_cells(const std::string& label);

class PlanChecks {
 public:
  // Both are borrowed. `keys` may be empty: then messages name no keys of methods.
  PlanChecks(const CampaignConfig& config, const KeysThatHelp& keys);

  // Looks at one cell; what is wrong goes to found().
  void check(const PlannedCell& planned);

  // For what is found elsewhere about a cell.
  void add(const PlannedCell& planned, const Error& error);

  // All that is wrong with the cells looked at.
  std::vector<Problem> found() const;

 private:
  void check_name(const PlannedCell& planned);
  void check_name_of_study(const PlannedCell& planned);
  std::string keys_words(const PlannedCell& planned, const std::string& before,
                         const std::function<bool(const EvictionPlan&)>& helps);

  const CampaignConfig& config_;
  const KeysThatHelp& keys_;
  std::size_t longest_suffix_;
  // By method, budget and context: methods are asked once for all seeds and datasets.
  std::map<std::tuple<std::size_t, std::int64_t, std::int64_t>, std::string> known_keys_;
  // By method whose label is too long: the most that the name of a file adds to it.
  std::map<std::size_t, std::size_t> long_labels_;
  PlanProblems problems_;
};

}  // namespace pressroom
