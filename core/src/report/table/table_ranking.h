// Which rows of the results table are best, and which have no part in it.
//
//   const TableMarks marks = mark_best(table.columns, report, groups, rows);
//   rows[3].cells[2].best;   // results_table.h says when
#pragma once

#include <string>
#include <vector>

#include "report/table/results_table.h"
#include "stats/cell_groups.h"
#include "stats/comparison.h"
#include "stats/metric_summary.h"

namespace pressroom {

struct TableRow {
  const CellGroup* group = nullptr;
  std::vector<MetricSummary> metrics;
  std::vector<TableCell> cells;  // one a column
};

struct TableMarks {
  bool ranked = false;                 // something is marked best
  std::vector<std::string> held_more;  // rows that held more than their peers, with the numbers
};

// Marks the cells of `rows`, which are in the order of `groups`, sparsity by sparsity.
TableMarks mark_best(const std::vector<TableColumn>& columns, const ComparisonReport& report,
                     const std::vector<CellGroup>& groups, std::vector<TableRow>& rows);

}  // namespace pressroom
