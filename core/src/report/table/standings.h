// Whether one method of a sparsity is best, and what keeps it from being called so: cells that are
// missing, methods that kept or held more than the others.
//
//   for (const Standing& standing : standings(rows, report)) {
//     if (standing.has_winner()) praise(standing.leader->label());
//   }
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "base/number_text.h"
#include "report/figures/figure_rows.h"
#include "stats/cell_groups.h"
#include "stats/comparison.h"

namespace pressroom {

// How far apart methods are in what they kept, or held on average: a ranking compares like with
// like.
//
//   KeptRange kept;
//   for (const Row& row : rows) kept.add(row.kept_ratio);
//   if (!kept.alike()) return "methods kept between ...";
struct KeptRange {
  static constexpr double kAlike = 1.05;  // largest over least that still compares

  double least = INFINITY;
  double most = 0;  // 0 where nothing was added

  void add(double kept) {
    least = std::min(least, kept);
    most = std::max(most, kept);
  }
  // "92", "92 to 95".
  std::string text() const {
    const std::string low = significant(least, 3);
    const std::string high = significant(most, 3);
    return low == high ? low : low + " to " + high;
  }
  bool alike() const { return most == 0 || most <= kAlike * least; }
};

// Which methods of one sparsity had more to work with than the others: what a method holds at the
// end says nothing of what it held before, and one that evicts every so many steps holds more.
//
//   held_more({140, 92, 92, 91})   ->  {true, false, false, false}
//
// `held`: entries a head, mean over steps, of each method; absent where it was not measured. Marked
// is what is over 5 % above the others' median (of an even number the smaller one of the middle).
std::vector<bool> held_more(const std::vector<std::optional<double>>& held);

// One for each of `groups`, each among those of its sparsity, dataset and context; none for the
// baseline. By the metric mean_cache_entries, mean over seeds.
std::vector<bool> held_more(const std::vector<CellGroup>& groups, const std::string& baseline);

// Whether `a` lost significantly less than `b`, of the same sparsity, dataset and context: paired
// t, Holm-adjusted over the family of all pairs.
bool beats(const CellGroup& a, const CellGroup& b, const ComparisonReport& report);

// Methods at one sparsity, dataset and context. Rows are borrowed.
struct Standing {
  Setting setting;
  double sparsity = 0;
  std::string told;                          // "sparsity 0.9", "budget 102"
  std::vector<const FigureRow*> rows;        // without the baseline
  std::vector<const FigureRow*> ranked;      // of these, without those that held more
  std::vector<const FigureRow*> held_more;   // than their peers: held_more()
  const FigureRow* leader = nullptr;         // smallest mean change; null: see `refusal`
  std::vector<const FigureRow*> unresolved;  // not told apart from the leader
  double largest_p = 0;  // adjusted, of the leader against those it is told from
  std::string refusal;   // why nobody leads: "cells are missing" ...

  // "; every_64 is left out, having held over 5 % more entries on average"; "" where none did.
  std::string left_out() const;

  // The leader beats every other method, of which there is one at least.
  bool has_winner() const { return leader != nullptr && ranked.size() > 1 && unresolved.empty(); }
};

// One for each dataset, context and sparsity, in the order of the rows.
std::vector<Standing> standings(const std::vector<FigureRow>& rows, const ComparisonReport& report);

}  // namespace pressroom
