// Whether one method of a sparsity is best, and what keeps it from being called so.
#pragma once

#include <string>
#include <vector>

#include "report/figures/figure_rows.h"
#include "stats/comparison.h"

namespace pressroom {

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
  std::vector<const FigureRow*> held_more;   // than their peers: held_more.h
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
