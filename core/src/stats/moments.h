// Mean and standard deviation, summed in long double.
#pragma once

#include <vector>

namespace pressroom {

struct Moments {
  double mean = 0;            // NaN for no values
  double sd = 0;              // ddof 1; NaN for less than two values
  double standard_error = 0;  // of the mean: sd / sqrt(n)
};

Moments moments(const std::vector<double>& values);

}  // namespace pressroom
