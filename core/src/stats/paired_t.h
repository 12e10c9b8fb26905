// The paired t-test: do two methods differ on the same documents?
//
//   paired_test({0.02, 0.05, 0.04})  ->  n 3, mean 0.0367, 95 % interval, t 4.16, df 2, p 0.053
//
// The unit is the document: each contributes one difference, however many tokens it has. Identical
// differences - a method repeated on itself, or no effect at all - have no variance and so no test:
// the result is called deterministic and carries neither t nor p.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace pressroom {

struct Interval {
  double low = 0;
  double high = 0;
};

struct PairedTest {
  std::size_t n = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();            // needs n >= 1
  double sd = std::numeric_limits<double>::quiet_NaN();              // ddof 1; needs n >= 2
  double standard_error = std::numeric_limits<double>::quiet_NaN();  // sd / sqrt(n)
  std::optional<Interval> ci95;                                      // of the mean
  std::optional<double> t;
  double df = 0;            // n - 1
  std::optional<double> p;  // two-sided; precise however small it is
  bool deterministic = false;
  std::string no_test;  // why there is no t and no p; "" when there are
};

// Tests whether the mean of `differences`, one per unit and all finite, is zero.
PairedTest paired_test(const std::vector<double>& differences);

}  // namespace pressroom
