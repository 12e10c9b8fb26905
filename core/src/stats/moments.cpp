#include "stats/moments.h"

#include <cmath>
#include <limits>

namespace pressroom {

Moments moments(const std::vector<double>& values) {
  constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
  Moments result{kNone, kNone, kNone};
  if (values.empty()) return result;
  const long double n = static_cast<long double>(values.size());
  long double sum = 0;
  for (const double value : values) sum += value;
  const long double provisional = sum / n;
  result.mean = static_cast<double>(provisional);
  if (!std::isfinite(provisional)) return result;

  // The residuals' own sum is zero but for rounding, and corrects for it.
  long double residual = 0;
  long double squares = 0;
  for (const double value : values) {
    const long double r = value - provisional;
    residual += r;
    squares += r * r;
  }
  result.mean = static_cast<double>(provisional + residual / n);
  if (values.size() < 2) return result;
  const long double variance = (squares - residual * residual / n) / (n - 1);
  result.sd = static_cast<double>(std::sqrt(variance));
  result.standard_error = static_cast<double>(std::sqrt(variance / n));
  return result;
}

}  // namespace pressroom
