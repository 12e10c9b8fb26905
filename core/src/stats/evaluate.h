// From the differences of two groups to their comparison.
#pragma once

#include "stats/comparison.h"
#include "stats/pairing.h"

namespace pressroom {

// Fills in what the differences of `pairing` show: the tests of what `result` is judged by, and of
// the nll; over seeds; status and reason. What belongs to a family is left alone.
void evaluate(const Pairing& pairing, Comparison& result);

}  // namespace pressroom
