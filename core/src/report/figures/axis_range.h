// How far an axis goes and where its ticks are.
//
//   axis_range({11.8, 17.2}, true)  ->  11.5 .. 17.6, ticks at 12, 13, ... 17
//
// gnuplot's own choice leaves a logarithmic axis of less than a decade without ticks, and fails
// where all points are equal.
#pragma once

#include <vector>

#include "report/figures/axis_ticks.h"

namespace pressroom {

struct AxisRange {
  double low = 0;
  double high = 1;
  std::vector<Tick> ticks;  // within it, ascending
};

// Holds every finite number (above zero where `logarithmic`) with a margin of 4 % of the length.
// Where there is none: 0 .. 1, or 1 .. 10.
AxisRange axis_range(const std::vector<double>& numbers, bool logarithmic);

}  // namespace pressroom
