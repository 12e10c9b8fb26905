#include "report/figures/figure.h"

#include <algorithm>
#include <cmath>

#include "base/number_text.h"

namespace pressroom {
namespace {

// Positive where `a` is better than `b`, zero where they are equal.
int compared(double a, double b, Better better) {
  if (a == b) return 0;
  return (a < b) == (better == Better::kLower) ? 1 : -1;
}

bool dominates(const FigurePoint& a, const FigurePoint& b, const Figure& figure) {
  const int x = compared(a.x, b.x, figure.x.better);
  const int y = compared(a.y, b.y, figure.y.better);
  return x >= 0 && y >= 0 && x + y > 0;
}

}  // namespace

void mark_pareto(Figure& figure) {
  std::vector<FigurePoint*> points;
  for (FigureSeries& series : figure.series) {
    for (FigurePoint& point : series.points) {
      point.pareto = false;
      if (std::isfinite(point.x) && std::isfinite(point.y)) points.push_back(&point);
    }
  }
  if (figure.x.better == Better::kNeither || figure.y.better == Better::kNeither) return;
  for (FigurePoint* candidate : points) {
    candidate->pareto = true;
    for (const FigurePoint* other : points) {
      if (dominates(*other, *candidate, figure)) candidate->pareto = false;
    }
  }
}

namespace {

constexpr double kLargestPlain = 1e7;
constexpr double kSlack = 1e-9;  // of a step: what rounding may move a mark by
constexpr double kMargin = 0.04;
constexpr int kMostTicks = 7;

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
    // Adding 0.0 makes -0 a plain 0, which has no sign to print.
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
    // Powers of ten where there are enough; 2 and 5 of each where the axis spans hardly one.
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

std::vector<Tick> ticks_at(const std::vector<double>& marks, double low, double high,
                           bool logarithmic) {
  constexpr double kClosest = 0.06;  // of the axis
  const auto measure = [logarithmic](double value) {
    return logarithmic ? std::log(value) : value;
  };
  std::vector<Tick> ticks;
  for (const double mark : marks) {
    if (mark < low || mark > high) continue;
    const double length = measure(high) - measure(low);
    if (!ticks.empty() && measure(mark) - measure(ticks.back().value) < kClosest * length) continue;
    ticks.push_back({mark, exact(mark)});
  }
  return ticks;
}

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
