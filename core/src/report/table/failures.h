// Cells without a result, each reason said once.
//
//   for (const std::string& text : failures_of(groups)) std::cout << "failed: " << text << '\n';
//
//   failed: pg19, context 1024, h2o_s0.9, seed 42: out of memory
//   failed: h2o_s0.5, h2o_s0.9 in 4 cells: dataset pg19, context 1024, seeds 42, 43: a.txt@0,
//     layer 0; a.txt@384, layer 0: the method failed while giving scores
#pragma once

#include <string>
#include <vector>

#include "stats/cell_groups.h"

namespace pressroom {

// One text for each reason, in the order in which the cells come. Reasons are the same that differ
// in nothing but the place: the window, layer and head that the first line may begin with.
// `not_run`: cells that have still to be run are among them.
std::vector<std::string> failures_of(const std::vector<CellGroup>& groups, bool not_run = true);

}  // namespace pressroom
