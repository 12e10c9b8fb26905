// Counts the cells of a new plan against the plan that a directory has.
//
//   ExtensionCount count(before, results);
//   for (const Job& job : jobs) count.add(job, extension);
//   count.finish(before, extension);   // `left`, and why cells are run again
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <tuple>
#include <unordered_set>
#include <vector>

#include "campaign/extension.h"
#include "results/plan_json.h"
#include "results/results_by_key.h"

namespace pressroom {

class ExtensionCount {
 public:
  // `results` are those of the directory; borrowed.
  ExtensionCount(const StoredPlan& before, const ResultsByKey& results);

  // `job` has its content key.
  void add(const Job& job, Extension& extension);

  // Of `extension`, whose changes are known, the rest.
  void finish(const StoredPlan& before, Extension& extension) const;

 private:
  // What a cell is called, apart from what it is made from.
  using CellName = std::tuple<std::string, double, std::string, std::int64_t, std::uint64_t>;

  static CellName name_of_cell(const Cell& cell);
  std::vector<std::string> reasons_in(const std::vector<ConfigChange>& changes) const;

  const ResultsByKey& results_;
  std::set<CellName> names_before_;
  std::set<CellName> names_now_;
  std::unordered_set<std::string> keys_before_;
  std::unordered_set<std::string> keys_now_;
  std::set<std::string> methods_again_;  // labels
};

}  // namespace pressroom
