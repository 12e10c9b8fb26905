// Differences of a metric that are equal but for rounding, made equal.
//
//   100/127 - 99/127 and 12/127 - 11/127 are one target each, and in doubles not equal
//
// Left so, documents that all lost the same would have a tiny spread, and a t as large as one
// likes; and ranks would tell apart what is a tie.
#pragma once

#include <vector>

#include "stats/pair_tests.h"

namespace pressroom {

// Gives differences whose sizes are no further apart than numbers of the size `largest` are
// rounded, a few times over, the smallest of these sizes; those that are so near to zero become
// zero. Order and signs stay.
void even_out(std::vector<PairedUnit>& units, double largest);

}  // namespace pressroom
