// One table of a campaign for a paper: methods by amounts, across datasets.
//
//   PivotOptions options;
//   options.layout = parse_pivot("method x budget", "budget");
//   const PivotTable table = pivot_table(view, options);
//   std::cout << pivot_plain(table);     // pivot_formats.h
//
// A cell is what a method comes to at an amount, a dataset and a context: the mean over documents
// and seeds of what methods are judged by there, with its 95 % interval (pivot_number.h).
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "report/comparison/comparison_view.h"
#include "report/pivot/pivot_layout.h"
#include "report/pivot/pivot_number.h"

namespace pressroom {

struct PivotOptions {
  PivotLayout layout;
  bool change = false;                        // the change from the baseline instead of the value
  std::optional<int> digits;                  // after the point
  std::map<std::string, std::string> groups;  // of methods by label: `group:` of the config
};

enum class PivotMark {
  kNone,
  kBest,      // not told apart from the best of its amount, dataset and context
  kHeldMore,  // more entries than its peers: left out of best
};

struct PivotCell {
  PivotText text;              // as shown; empty for a cell that there is none of
  PivotNumber value;           // of the campaign, or the mean over datasets
  PivotNumber change;          // from the baseline
  std::optional<double> p;     // of the change, after Holm
  std::optional<double> kept;  // fraction of the entries, mean over seeds
  PivotMark mark = PivotMark::kNone;
  bool baseline = false;
  bool partly = false;   // some of its seeds have no result, or none of the measure
  bool missing = false;  // planned, and without any result
};

enum class PivotLine {
  kMethod,  // results of methods, the baseline among them
  kKept,    // what methods kept on average: text alone
  kMean,    // over datasets: without intervals and marks
};

struct PivotRow {
  std::vector<std::string> heads;  // one for each of PivotTable::row_levels
  PivotLine kind = PivotLine::kMethod;
  std::vector<PivotCell> cells;  // one a column
};

struct PivotColumn {
  std::vector<std::string> heads;  // one for each of PivotTable::column_levels
  PivotLine kind = PivotLine::kMethod;
};

struct PivotTable {
  std::string title;  // "Perplexity: persuasion, context 512"
  std::vector<std::string> heads;
  std::vector<std::string> row_levels;  // "context", "group", "method": outermost first
  std::vector<std::string> column_levels;
  std::vector<PivotColumn> columns;
  std::vector<PivotRow> rows;
  std::string baseline;
  bool change = false;
  std::vector<std::string> notes;     // how to read it
  std::vector<std::string> failures;  // cells
  std::vector<std::string> findings;  // results that contradict themselves
};

// The table of `view`. Rows and columns without any result planned are left out. Where methods have
// groups, those of one stand together under its name. What methods kept on average is a row below
// the amounts, or a column where amounts are rows. Where there are several datasets a mean over
// them is added, of lines for which all have a number of one measure; a note says of which. Best is
// by the rules of standings.h.
PivotTable pivot_table(const ComparisonView& view, const PivotOptions& options);

}  // namespace pressroom
