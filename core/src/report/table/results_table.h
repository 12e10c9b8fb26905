// The results of a campaign as a table for people: a model of it, and its plain text.
//
//   const ResultsTable table = results_table(results, compare(results));
//   std::cout << table_text(table, isatty(1) && getenv("NO_COLOR") == nullptr);
//
//   stories, context 1024
//   method  sparsity  kept      ppl        delta nll  p (Holm)  ...
//                                         nats/token
//   dense        0.0  1.00  12.45
//   h2o          0.9  0.10  13.87 <  +0.108 +-0.021   2.1e-05 ***
//
// Rows of one block share dataset and context; they are sorted by sparsity, the baseline first.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pressroom/metric.h"
#include "results/cell.h"
#include "stats/comparison.h"

namespace pressroom {

enum class Align { kLeft, kRight };

struct TableColumn {
  std::string header;
  std::string unit;  // "" for none; second line of the header
  Align align = Align::kRight;
  Direction direction = Direction::kNeither;  // kNeither: no row is best
  std::string metric = {};                    // that it shows; "" for none
};

struct TableCell {
  std::string text;             // "" for nothing to show
  std::optional<double> value;  // in the column's unit, not rounded; what `best` goes by
  bool best = false;            // of the rows at its sparsity, the baseline not among them
  bool held_more = false;       // than its peers on average: the row is left out of "best"
};

struct TableBlock {
  std::string title;                         // "pg19, context 1024"
  std::vector<std::vector<TableCell>> rows;  // one cell per column
};

struct ResultsTable {
  std::vector<TableColumn> columns;
  std::vector<TableBlock> blocks;
  std::vector<std::string> notes;     // how to read it: the test, its unit, family and size
  std::vector<std::string> failures;  // of cells that failed or were not run: failures_of
  std::vector<std::string> findings;  // results that contradict themselves
};

// The table of `results` and their comparison. A metric that no cell has gets no column. Numbers
// are means over seeds. Best of a sparsity is the smallest loss - the largest exact match, where
// answers are judged by - and every one that beats() (standings.h) does not tell from it; in other
// columns the best number. Methods that held over 5 % more entries on average than their peers
// (held_more(), standings.h) are marked, named in a note and left out of this. Nothing is marked
// best where one of the others kept, or held, over 5 % more than another, where what was kept was
// not measured, where a cell is missing, or where all show the same. A metric that is among
// `report.metrics` is marked by its own tests, as the loss is by those of the loss. Behind what is
// a rate of right answers stands Wilson's interval (rate_cells.h).
//
// `columns`: the metrics to show, in this order, before the comparison; none: table_columns.h says
// which. One that no cell has is told in a note.
ResultsTable results_table(const std::vector<CellResult>& results, const ComparisonReport& report,
                           const std::vector<std::string>& columns = {});

// UTF-8 with aligned columns and no trailing blanks. The best value is bold with `colour`, else
// followed by "<"; what held more by "!". Labels and messages are made printable,
// base/utf8.h.
std::string table_text(const ResultsTable& table, bool colour);

}  // namespace pressroom
