// From the evictions of all heads to what a run says of its cache.
#pragma once

#include "engine/run.h"

namespace pressroom {

// Fills kept, sizes and peak of `run` from its evictions.
void record_sizes(const Schedule& schedule, DocumentRun& run);

}  // namespace pressroom
