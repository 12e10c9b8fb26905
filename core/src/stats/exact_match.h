// The share of a task's answers that were right, of a group of cells.
#pragma once

#include <optional>

#include "stats/cell_groups.h"

namespace pressroom {

// Right answers over answers of each cell, the mean over its seeds; absent where nothing was asked.
inline std::optional<double> exact_match(const CellGroup& group) {
  double sum = 0;
  double cells = 0;
  for (const CellResult* cell : group.cells) {
    double right = 0;
    double asked = 0;
    for (const DocumentResult& document : cell->documents) {
      right += document.right_answers;
      asked += static_cast<double>(document.answers);
    }
    if (asked == 0) continue;
    sum += right / asked;
    ++cells;
  }
  return cells > 0 ? std::optional<double>(sum / cells) : std::nullopt;
}

}  // namespace pressroom
