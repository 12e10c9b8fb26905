// How far apart methods are in what they kept, or held on average: a ranking compares like with
// like.
//
//   KeptRange kept;
//   for (const Row& row : rows) kept.add(row.kept_ratio);
//   if (!kept.alike()) return "methods kept between ...";
#pragma once

#include <algorithm>
#include <cmath>
#include <string>

#include "base/number_text.h"

namespace pressroom {

struct KeptRange {
  static constexpr double kAlike = 1.05;  // largest over least that still compares

  double least = INFINITY;
  double most = 0;  // 0 where nothing was added

  void add(double kept) {
    least = std::min(least, kept);
    most = std::max(most, kept);
  }
  // "92", "92 to 95".
  std::string text() const {
    const std::string low = significant(least, 3);
    const std::string high = significant(most, 3);
    return low == high ? low : low + " to " + high;
  }
  bool alike() const { return most == 0 || most <= kAlike * least; }
};

}  // namespace pressroom
