// The invariants that hold between cells of the same windows: I1 and I7 (engine/invariants.h).
#pragma once

#include <vector>

#include "campaign/cell.h"

namespace pressroom {

// Throws Error when `result`, which was run without an error, and one of `others` - good results of
// the same dataset, context, seed and protocol - cannot both be right:
//   I1  a cell whose budget holds every token, against one that kept everything: mean nll of each
//       document within 1e-4 nats;
//   I7  other entries were kept, yet the nll of every document is the same to the last bit.
void check_against(const CellResult& result, const std::vector<CellResult>& others);

}  // namespace pressroom
