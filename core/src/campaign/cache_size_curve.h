// How large the caches of a cell were, from what the engine recorded.
#pragma once

#include <vector>

#include "engine/run.h"
#include "results/cell.h"

namespace pressroom {

// Means over `runs` at up to 64 steps, evenly spaced over the longest of them; a run that has ended
// no longer counts. Empty under the window protocol, whose caches hold one window each.
CacheSizeCurve size_curve_of(const std::vector<DocumentRun>& runs);

}  // namespace pressroom
