#include "report/figures/axis_range.h"

#include <algorithm>
#include <cmath>

namespace pressroom {
namespace {

constexpr double kMargin = 0.04;
constexpr int kMostTicks = 7;

}  // namespace

AxisRange axis_range(const std::vector<double>& numbers, bool logarithmic) {
  double low = INFINITY;
  double high = -INFINITY;
  for (const double number : numbers) {
    if (!std::isfinite(number) || (logarithmic && number <= 0)) continue;
    low = std::min(low, number);
    high = std::max(high, number);
  }
  if (low > high) return logarithmic ? axis_range({1, 10}, true) : axis_range({0, 1}, false);
  AxisRange range;
  if (logarithmic) {
    const double factor = high > low * (1 + 1e-9) ? std::pow(high / low, kMargin) : 1.1;
    range.low = low / factor;
    range.high = high * factor;
    range.ticks = log_ticks(range.low, range.high, kMostTicks);
    return range;
  }
  const double scale = std::max(std::abs(low), std::abs(high));
  const double equal_margin = scale > 0 ? 0.1 * scale : 1;
  const double margin = high - low > 1e-9 * scale ? kMargin * (high - low) : equal_margin;
  range.low = low - margin;
  range.high = high + margin;
  range.ticks = linear_ticks(range.low, range.high, kMostTicks);
  return range;
}

}  // namespace pressroom
