// What is said of repeated measurements. Times on a busy machine have a long tail to one side, so
// order statistics are used throughout, never means.
//
//   const Spread spread = spread_of({1.2, 1.0, 4.0});   // least 1.0, median 1.2, most 4.0
#pragma once

#include <vector>

namespace pressroom {

struct Spread {
  double least = 0;
  double median = 0;
  double most = 0;
};

// Of at least one sample.
Spread spread_of(const std::vector<double>& samples);

// The sample below which `fraction`, in [0, 1], of at least one sample lie; between two samples by
// linear interpolation: of n sorted samples the one at (n - 1) * fraction.
double quantile(std::vector<double> samples, double fraction);

}  // namespace pressroom
