// How large a difference is against its own spread over documents, free of units.
//
//   effect_size(paired_test({0.02, 0.05, 0.04})).cohen_dz  ->  2.4
//
// It says how easily a difference is seen, not how much it matters: a difference of 0.01 % that is
// the same on every document has a huge one. The perplexity ratio says how much it matters.
#pragma once

#include <optional>

#include "stats/paired_t.h"

namespace pressroom {

// Absent, both, when the differences have no variance or are fewer than two.
struct EffectSize {
  // Mean of the differences over their standard deviation (Cohen, Statistical Power Analysis for
  // the Behavioral Sciences, 1988, eq. 2.3.5).
  std::optional<double> cohen_dz;
  // The same without most of its bias at small n: d_z (1 - 3 / (4 df - 1)), df = n - 1 (Hedges,
  // Journal of Educational Statistics 6, 1981). Always 0 for two documents.
  std::optional<double> hedges_gz;
};

// The sign is that of the test's mean.
EffectSize effect_size(const PairedTest& test);

}  // namespace pressroom
