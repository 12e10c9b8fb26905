// How the comparison by one metric is told, in its own unit and direction: what stands in the place
// of perplexity, exact match and nll.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "report/comparison/comparison_view.h"
#include "stats/comparison.h"

namespace pressroom {

// What everything in `report` is compared by, where that is a metric in its own unit; nullptr else.
const Measure* own_measure(const ComparisonReport& report);

// The measure of a group, pooled as its metric does, mean over seeds; absent where there is none.
std::optional<double> measured_by(const Measure& measure, const CellGroup* group);

// "+0.034 [+0.026, +0.043]": the change of the metric, second minus first, to the places that its
// interval is worth; "" where there is no number.
std::string metric_change_text(const Comparison& comparison);

// The unit as a head has it: "" for a ratio.
std::string head_unit(const Measure& measure);

// What must be known of the numbers: which way is better, how it is pooled, what delta is.
// `both`: some comparisons are of two methods.
std::vector<std::string> metric_reading(const ComparisonView& view, const Measure& measure,
                                        bool both);

// What the verdicts go by: the margin, or that none was given; where no cell has the metric.
std::vector<std::string> metric_margin_notes(const ComparisonReport& report,
                                             const Measure& measure);

}  // namespace pressroom
