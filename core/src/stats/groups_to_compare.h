// What a comparison is made of: groups of cells, and the measure where one is asked for.
#pragma once

#include <vector>

#include "results/cell.h"
#include "stats/cell_groups.h"
#include "stats/comparison.h"

namespace pressroom {

// The groups of `results` that are compared: where `options` names a metric, those of the datasets
// and contexts in which some cell tells of it. Fills in measure and left_out of `report`.
// Throws Error where group_cells or measure_named do.
std::vector<CellGroup> groups_to_compare(const std::vector<CellResult>& results,
                                         const CompareOptions& options, ComparisonReport& report);

}  // namespace pressroom
