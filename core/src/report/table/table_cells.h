// How single numbers are shown in the results table, and the lines below it: how to read it, and
// what failed.
//
//   row.push_back(delta_cell(comparison));   // "+0.108 +-0.021"
#pragma once

#include <string>
#include <vector>

#include "pressroom/metric.h"
#include "report/table/results_table.h"
#include "report/table/table_columns.h"
#include "stats/cell_groups.h"
#include "stats/comparison.h"
#include "stats/metric_summary.h"

namespace pressroom {

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

// Cells without a result, each reason said once.
//
//   for (const std::string& text : failures_of(groups)) std::cout << "failed: " << text << '\n';
//
//   failed: pg19, context 1024, h2o_s0.9, seed 42: out of memory
//   failed: h2o_s0.5, h2o_s0.9 in 4 cells: dataset pg19, context 1024, seeds 42, 43: a.txt@0,
//     layer 0; a.txt@384, layer 0: the method failed while giving scores
//
// One text for each reason, in the order in which the cells come. Reasons are the same that differ
// in nothing but the place: the window, layer and head that the first line may begin with.
// `not_run`: cells that have still to be run are among them.
std::vector<std::string> failures_of(const std::vector<CellGroup>& groups, bool not_run = true);

}  // namespace pressroom
