// What a planned cell can be refused for before a model is loaded, and what would help.
//
//   PlanChecks checks(config, keys);
//   for (const PlannedCell& planned : cells) checks.check(planned);
//   const std::vector<Problem> found = checks.found();   // each thing said once, for all its cells
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "campaign/plan.h"
#include "config/config.h"
#include "pressroom/error.h"
#include "pressroom/method.h"
#include "results/cell.h"

namespace pressroom {

// What is wrong with the cells of a plan, each thing said once.
//
// A budget that is too small is too small with every seed, on every dataset and often in every
// context: that is one mistake of the campaign and not eighteen.
//
//   PlanProblems problems;
//   problems.add(cell, problem);
//   if (!problems.empty()) throw Error(problems.merged());
class PlanProblems {
 public:
  // `cell` has the problem. It is the same as that of another cell where everything that it says
  // is, but for the place and what was found; and for one method and amount also where only `what`
  // and `fix` are.
  void add(const Cell& cell, const Problem& problem);

  bool empty() const { return groups_.empty(); }

  // In the order in which they were first added, up to a hundred. One that several cells have names
  // them in its `where`, as cells_in_words does; what was expected and found differently in them is
  // listed.
  std::vector<Problem> merged() const;

 private:
  struct Group {
    Problem first;
    std::vector<Cell> cells;
    std::vector<std::string> expected, got;  // each once, the first few
  };

  static bool is_same(const Group& group, const Cell& cell, const Problem& problem);

  std::vector<Group> groups_;
  std::size_t left_out_ = 0;  // problems of cells for which there was no group left
};

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

// Which parameters of a method a user could lower against a problem of its plan, KeysThatHelp.
//
// The numeric parameters of `use`, those of inner methods as "inner.window_size", that each alone,
// at the lowest value it takes, make `helps` true of the plan for `budget_tokens`. Found by trying:
// the method is made and asked once for each of them.
std::vector<std::string> helpful_keys(const PluginUse& use, std::int64_t budget_tokens,
                                      const std::function<bool(const EvictionPlan&)>& helps,
                                      PluginHost& host);

}  // namespace pressroom
