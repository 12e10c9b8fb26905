// A speed study as text.
#pragma once

#include <iosfwd>

#include "bench/decode_study.h"

namespace pressroom {

// What was measured, a table of its runs, one of their stretches where there are any, and what the
// columns mean; runs whose mean is not known as well as was asked are marked.
void print_decode_study(std::ostream& out, const DecodeStudy& study);

}  // namespace pressroom
