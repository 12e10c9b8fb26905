// Welch's t-test: do two unpaired samples have different means? Variances may differ.
//
//   welch({10.1, 10.3, 10.2}, {10.4, 10.8, 10.5}).p
//
// For the studies that ask for it. Results on the same documents are paired, and the paired test
// is the one to look at: this one takes the spread between documents, which both methods share, for
// noise. (Welch, Biometrika 34, 1947.)
#pragma once

#include <optional>
#include <vector>

namespace pressroom {

// All are absent when a sample has less than two values or neither has any variance.
struct Welch {
  std::optional<double> t;   // of the mean of the first minus that of the second
  std::optional<double> df;  // by Welch and Satterthwaite, rarely whole
  std::optional<double> p;   // two-sided
};

Welch welch(const std::vector<double>& first, const std::vector<double>& second);

}  // namespace pressroom
