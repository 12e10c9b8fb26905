// How rates of right answers are shown beside their value: Wilson's interval and McNemar's p.
//
//   row.push_back(rate_cell(group, metric_names::kExactMatch));   // "[74.2, 97.7]"
//
// Exact match is told in percent, every other rate as it is.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "report/table/results_table.h"
#include "stats/cell_groups.h"
#include "stats/comparison.h"

namespace pressroom {

// Wilson's 95 % interval of the rate of a group; empty where the metric is no rate there.
TableCell rate_cell(const CellGroup& group, const std::string& metric);

// McNemar's p, adjusted over its family; empty where no question tells the two apart.
TableCell mcnemar_cell(const Comparison& comparison);

// What must be known of the intervals, and of McNemar's test where it is shown.
std::string rate_note(bool tested);

// Everything about the questions of a comparison, by the names of its columns in CSV; empty fields
// where there is none.
std::vector<std::pair<const char*, std::string>> question_fields(const Comparison& comparison);

}  // namespace pressroom
