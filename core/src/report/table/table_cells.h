// How single numbers are shown in the results table, and the notes below it.
#pragma once

#include <string>
#include <vector>

#include "pressroom/metric.h"
#include "report/table/results_table.h"
#include "stats/cell_groups.h"
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

// What the method was told: a sparsity, or a budget.
TableCell amount_cell(const CellGroup& group);

// Exact match in percent; empty where nothing was asked.
TableCell match_cell(const CellGroup& group);

// Its change from the baseline in points, where that is what methods are judged by; else empty.
TableCell match_delta_cell(const Comparison* comparison);

// "+0.108 +-0.021": the mean to as many places as two digits of the half width have. One word
// ("incomplete") where there is no number; empty for the baseline (nullptr), and where methods are
// judged by something else.
TableCell delta_cell(const Comparison* comparison);

// "0.0123 *  ", the stars padded so that the numbers line up; "deterministic" where it is.
TableCell p_cell(const Comparison* comparison);

// The lines under the table; `ranked` when a best value is marked anywhere. `told`: "sparsity" or
// "budget"; `held_more`: what is marked for having held more, with the numbers.
std::vector<std::string> reading_notes(const ComparisonReport& report, bool ranked,
                                       const std::string& told,
                                       const std::vector<std::string>& held_more);

}  // namespace pressroom
