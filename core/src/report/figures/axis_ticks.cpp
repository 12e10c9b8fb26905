#include "report/figures/axis_ticks.h"

#include <algorithm>
#include <cmath>

#include "base/number_text.h"

namespace pressroom {
namespace {

constexpr double kLargestPlain = 1e7;
constexpr double kSlack = 1e-9;  // of a step: what rounding may move a mark by

std::string plain(double value, int decimals) {
  if (std::abs(value) >= kLargestPlain || decimals > 6) return significant(value, 3);
  return fixed(value, decimals);
}

double round_step(double least) {
  const double power = std::pow(10, std::floor(std::log10(least)));
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= least * (1 - kSlack)) return factor * power;
  }
  return 10 * power;
}

}  // namespace

std::vector<Tick> linear_ticks(double low, double high, int most) {
  std::vector<Tick> ticks;
  const double step = round_step((high - low) / most);
  if (!(step > 0) || !std::isfinite(step)) return ticks;
  const int decimals = std::max(0, static_cast<int>(-std::floor(std::log10(step) + kSlack)));
  const double first = std::ceil(low / step - kSlack);
  for (double k = first; k * step <= high + kSlack * step && ticks.size() < 100; ++k) {
    const double value = k * step + 0.0;
    ticks.push_back({value, plain(value, decimals)});
  }
  return ticks;
}

std::vector<Tick> log_ticks(double low, double high, int most) {
  const int first = static_cast<int>(std::floor(std::log10(low)));
  const int last = static_cast<int>(std::ceil(std::log10(high)));
  const int every = std::max(1, (last - first + most - 1) / most);
  std::vector<Tick> ticks;
  for (const bool finer : {false, true}) {
    if (finer && ticks.size() > 2) break;
    std::vector<Tick> found;
    for (int exponent = first; exponent <= last; exponent += finer ? 1 : every) {
      for (const double factor : {1.0, 2.0, 5.0}) {
        if (!finer && factor > 1) break;
        const double value = factor * std::pow(10, exponent);
        if (value < low * (1 - kSlack) || value > high * (1 + kSlack)) continue;
        found.push_back({value, plain(value, std::max(0, -exponent))});
      }
    }
    if (!finer || static_cast<int>(found.size()) <= most + 2) ticks = found;
  }
  return ticks.size() >= 2 ? ticks : linear_ticks(low, high, most);
}

}  // namespace pressroom
