// The invariant that holds between cells of the same windows: I1 (engine/invariants.h).
#pragma once

#include <vector>

#include "results/cell.h"

namespace pressroom {

// Throws Error when `result`, which was run without an error, and one of `others` - good results of
// the same dataset, context, seed and protocol - cannot both be right: the budgets of both hold
// every token, and the mean nll of a document differs by more than 1e-4 nats.
void check_against(const CellResult& result, const std::vector<CellResult>& others);

}  // namespace pressroom
