// What a row of the results table is best of, in words.
//
//   const MarkedBest marked = count_marked(content.rows, rows);
//   best_words(content.rows[i].group, table.columns, *rows[i], marked)
//       // "best of sparsity 0.9 in ppl, delta nll"
//
// It stands beside a verdict against the baseline, which may be "worse": a bare "best" would
// contradict it.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "report/figures/figure_rows.h"
#include "report/table/results_table.h"

namespace pressroom {

using TableCells = std::vector<TableCell>;  // of a row, one a column

// By dataset, context and amount: in each column, how many rows are marked as best.
using MarkedBest = std::map<std::string, std::vector<std::size_t>>;

// `rows`: the cells of each of `groups`, in their order.
MarkedBest count_marked(const std::vector<FigureRow>& groups,
                        const std::vector<const TableCells*>& rows);

// "best of ..." in the columns in which the row alone is marked, "among the best" in those in which
// others are not told apart from it; "" where it is marked in none. `marked` has the group's row.
std::string best_words(const CellGroup& group, const std::vector<TableColumn>& columns,
                       const TableCells& cells, const MarkedBest& marked);

}  // namespace pressroom
