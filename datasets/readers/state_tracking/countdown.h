// Counters that are lowered in turn until all are at 0, told step by step.
//
//   const Procedure down = countdown(key, 2, 5, 1);
//   down.rules;            // "A is lowered by 7.\nB is lowered by 3."
//   down.runs[0].start;    // "A=12, B=8"
//   down.runs[0].lines;    // "Step 1: A=5, B=8.", "Step 2: A=5, B=5.", "Step 3: A=0, B=5.",
//                          // "Step 4: A=0, B=2.", "Step 5: A=0, B=0."
#pragma once

#include <cstddef>

#include "pressroom/random.h"
#include "procedure.h"

namespace pressroom {

// `runs` countdowns of `counters` counters, 1 to 26 of them, each of exactly `steps` steps, at
// least one for each counter. A counter that is at 0 is passed over.
Procedure countdown(RandomKey key, std::size_t counters, std::size_t steps, std::size_t runs);

}  // namespace pressroom
