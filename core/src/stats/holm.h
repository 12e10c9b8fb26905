// Holm's step-down correction: p-values that can be held against one level for a whole family.
//
//   holm({0.01, 0.04, 0.03})  ->  {0.03, 0.06, 0.06}
#pragma once

#include <optional>
#include <vector>

namespace pressroom {

// The adjusted p-values, in the order of `p`. With p(1) <= ... <= p(m) the adjusted p(i) is the
// largest of (m - j + 1) p(j) over j <= i, and at most 1. Entries without a p (no test was made)
// stay without and do not count towards m.
std::vector<std::optional<double>> holm(const std::vector<std::optional<double>>& p);

}  // namespace pressroom
