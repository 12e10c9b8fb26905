// What a cell of a pivot says: of what methods are judged by, the value, its change from the
// baseline, and the interval of either. All that a pivot knows of tests is taken here.
//
//   const PivotMeasure measure = pivot_measure(judge);
//   const PivotNumber value = pivot_value(row, measure);    // 27.06, 26.99 to 27.13
//   const PivotNumber change = pivot_change(row, measure);  // +0.27, +0.01 to +0.52 (percent)
#pragma once

#include <optional>
#include <string>

#include "report/figures/figure_rows.h"
#include "stats/comparison.h"

namespace pressroom {

// What the cells of a dataset show: what methods are judged by there, or the metric asked for.
struct PivotMeasure {
  Measure judge;
  std::string name;         // "perplexity", "exact match"
  std::string unit;         // "", "%", "nats"
  std::string change_unit;  // "%", "points", "nats"

  bool operator==(const PivotMeasure& other) const { return name == other.name; }
};

PivotMeasure pivot_measure(const Measure& judge);

struct PivotNumber {
  std::optional<double> value;   // absent where nothing was measured, or there is no comparison
  std::optional<Interval> ci95;  // absent where there is no test
};

// Perplexity by tokens, the share of right answers in percent, or a metric as it is pooled: means
// over seeds. The interval is
// that of the paired change from the baseline, laid around the value; none for the baseline.
PivotNumber pivot_value(const FigureRow& row, const PivotMeasure& measure);

// Whether every cell of the group, of each seed, was run and has a number.
bool has_all_seeds(const FigureRow& row, const PivotMeasure& measure);

// The paired change from the baseline: of perplexity in percent, documents weigh alike, of exact
// match in points, or of a metric in its unit. Nothing for the baseline.
PivotNumber pivot_change(const FigureRow& row, const PivotMeasure& measure);

// "26.98" and "0.08": four significant digits of a perplexity and one decimal of what is in percent
// or points, or `digits` decimals of all. The half width is the larger one of the interval, to the
// same place, or to its first digit where that is further behind the point; "" for none.
struct PivotText {
  std::string number;
  std::string half_width;
};
PivotText pivot_text(const PivotNumber& number, bool is_share, std::optional<int> digits,
                     bool with_sign);

}  // namespace pressroom
