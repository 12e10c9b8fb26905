// Cells that differ in nothing but the seed, together: the rows of every table.
//
//   for (const CellGroup& group : group_cells(results, "dense")) {
//     group.name();      // "h2o_s0.9"
//     group.complete();  // false when a seed failed or has no result
//   }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "results/cell.h"
#include "stats/significance.h"

namespace pressroom {

// A cell that is not there to be compared, and why.
struct Gap {
  std::uint64_t seed = 0;
  std::string reason;
};

struct CellGroup {
  std::string method;
  double sparsity = 0;
  std::int64_t budget_tokens = 0;
  std::string dataset;
  std::int64_t context_tokens = 0;
  std::string protocol;                  // the campaign's
  std::vector<const CellResult*> cells;  // that ran, by ascending seed; borrowed from the results
  std::vector<Gap> gaps;                 // that failed or are missing, by ascending seed
  bool by_budget = false;                // the campaign gives budgets, not sparsities
  std::string kv_dtype = "float32";      // how keys and values were held

  bool complete() const { return gaps.empty(); }
  // What the method was told, as the campaign gives it: a sparsity, or a budget in tokens.
  double amount() const { return by_budget ? static_cast<double>(budget_tokens) : sparsity; }
  const char* amount_name() const { return by_budget ? "budget" : "sparsity"; }
  std::string amount_text() const;  // "0.9", "102"
  std::string told() const;         // "sparsity 0.9", "budget 102"
  std::string amount_slug() const;  // "s0.9", "b102": for names
  std::string name() const;         // "h2o_s0.9", "h2o_b102"
  std::string place() const;        // "pg19, context 1024"
  std::string where() const;        // "pg19, context 1024, h2o_s0.9"
  // "seed 43: out of memory; seed 44: no result" (first lines of the reasons), "" when complete.
  std::string why_incomplete() const;
};

// "sparsity", or "budget" where the campaign gives these.
const char* amount_name(const std::vector<CellGroup>& groups);

// The groups of `results`, which must outlive them: datasets in the order they first appear, then
// contexts ascending, then sparsity ascending, then `baseline` before other methods and those in
// the order they first appear. A group is expected to have every seed that any cell has. Throws
// Error when two results are for one cell, or a group has two budgets.
std::vector<CellGroup> group_cells(const std::vector<CellResult>& results,
                                   const std::string& baseline);

// What a method at `sparsity` is held against on a dataset and context: of the items - groups, or
// what holds one that `group_of(item)` gives - the one of method `baseline` that has this sparsity,
// else its only one. nullptr where it has none, or several and none of them is of this sparsity.
template <typename Item, typename GroupOf>
const Item* find_baseline(const std::vector<Item>& items, const std::string& baseline,
                          const std::string& dataset, std::int64_t context_tokens,
                          std::optional<double> sparsity, GroupOf group_of) {
  const Item* found = nullptr;
  bool several = false;
  for (const Item& item : items) {
    const CellGroup& group = group_of(item);
    if (group.method != baseline || group.dataset != dataset ||
        group.context_tokens != context_tokens) {
      continue;
    }
    if (group.sparsity == sparsity) return &item;
    several = found != nullptr || several;
    found = &item;
  }
  return several ? nullptr : found;
}

// The one of `groups` that `group` is held against.
const CellGroup* baseline_of(const CellGroup& group, const std::vector<CellGroup>& groups,
                             const std::string& baseline);

// By what methods are judged on a dataset and context: by its answers where every cell that was run
// there tells of some, else by the nll. A text of a task is predicted well by who has forgotten the
// fact that is asked for: where there are answers, they decide.
Measure judge_of(const std::vector<CellGroup>& groups, const std::string& dataset,
                 std::int64_t context_tokens);

// One result for each cell of `planned`, in that order: the one in `results`, or a failed one that
// says it was not run. Results of other cells are left out.
std::vector<CellResult> in_plan_order(const std::vector<CellResult>& results,
                                      const std::vector<Cell>& planned);

}  // namespace pressroom
