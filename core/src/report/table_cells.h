// How single numbers are shown in the results table, and the notes below it.
#pragma once

#include <string>
#include <vector>

#include "pressroom/metric.h"
#include "report/results_table.h"
#include "stats/comparison.h"
#include "stats/metric_summary.h"

namespace pressroom {

// A column that shows the metric `name` over `divisor`: to `digits` significant digits, or with
// `decimals` digits after the point where that is not negative.
struct MetricColumn {
  const char* name;
  const char* header;
  const char* unit;
  Direction direction;
  double divisor;
  int digits;
  int decimals = -1;
};

// What stands before the comparison with the baseline, and what after.
const std::vector<MetricColumn>& quality_columns();
const std::vector<MetricColumn>& cost_columns();

// An empty cell for a metric that is not there (nullptr).
TableCell metric_cell(const MetricSummary* metric, const MetricColumn& column);

TableCell sparsity_cell(double sparsity);

// "+0.108 +-0.021": the mean to as many places as two digits of the half width have. One word
// ("incomplete") where there is no number; empty for the baseline (nullptr).
TableCell delta_cell(const Comparison* comparison);

// "0.0123 *  ", the stars padded so that the numbers line up; "deterministic" where it is.
TableCell p_cell(const Comparison* comparison);

// The lines under the table; `ranked` when a best value is marked anywhere.
std::vector<std::string> reading_notes(const ComparisonReport& report, bool ranked);

}  // namespace pressroom
