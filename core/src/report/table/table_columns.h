// Which metrics the results table shows: those that a campaign asks for, or those that tell most.
//
//   const TableMetrics shown = table_metrics(results, config.description.columns);
//   for (const MetricColumn& column : shown.before) column.header;
//   tested_metrics(results, columns);   // {"ece"}: compared by themselves
#pragma once

#include <string>
#include <vector>

#include "pressroom/metric.h"
#include "results/cell.h"
#include "stats/comparison.h"

namespace pressroom {

// A column that shows the metric `name` over `divisor`: to `digits` significant digits, or with
// `decimals` digits after the point where that is not negative.
struct MetricColumn {
  std::string name;
  std::string header;
  std::string unit;
  Direction direction = Direction::kNeither;
  double divisor = 1;
  int digits = 4;
  int decimals = -1;
};

struct TableMetrics {
  std::vector<MetricColumn> before;  // the comparison with the baseline
  std::vector<MetricColumn> after;
  bool asked = false;                // by the campaign: then all are before, in its order
  std::vector<std::string> missing;  // asked for, and no cell has it
};

// `columns`: names of metrics, each once; none for the default: what was kept and held and the
// perplexity before the comparison - answers first where any are asked -, after it metrics that do
// not come with Pressroom, and the costs. A metric NAME.PART beside one called NAME is shown only
// where it is asked for.
TableMetrics table_metrics(const std::vector<CellResult>& results,
                           const std::vector<std::string>& columns);

// Those of the columns that are compared by themselves: that have a value for each document and a
// direction, and are not what methods are judged by.
std::vector<std::string> tested_metrics(const std::vector<CellResult>& results,
                                        const std::vector<std::string>& columns);

// What a reader must know of the metrics shown that do not come with Pressroom: which way is
// better, and their own tests; and which of those asked for no cell has. `report`: with `metrics`.
std::vector<std::string> metric_notes(const std::vector<CellResult>& results,
                                      const ComparisonReport& report, const TableMetrics& shown);

// The metrics in `results` that no metric of Pressroom's reports, in the order they first appear.
std::vector<std::string> own_metrics(const std::vector<CellResult>& results);

}  // namespace pressroom
