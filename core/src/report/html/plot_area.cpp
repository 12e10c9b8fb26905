#include "report/html/plot_area.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/number_text.h"

namespace pressroom {
namespace {

constexpr double kMargin = 0.05;  // of the range, on either side

// The range of what is shown, in the units of the axis: logarithms where it is logarithmic.
struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void cover(double value) {
    low = std::min(low, value);
    high = std::max(high, value);
  }
};

double measure(const Scale& scale, double value) {
  return scale.logarithmic ? std::log(value) : value;
}

void set_limits(Scale& scale, Range range) {
  if (!(range.low < range.high)) {
    const double half = scale.logarithmic ? 0.7 : std::max(std::abs(range.low) * 0.1, 1e-6);
    range = {range.low - half, range.high + half};
  }
  const double margin = kMargin * (range.high - range.low);
  range = {range.low - margin, range.high + margin};
  scale.low = scale.logarithmic ? std::exp(range.low) : range.low;
  scale.high = scale.logarithmic ? std::exp(range.high) : range.high;
}

// The y range with the intervals, each way by no more than the points' own range.
Range with_intervals(const Figure& figure, const PlotArea& area, const Range& points) {
  const double reach = points.high - points.low;
  Range range = points;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      if (!point.y_ci95 || !area.can_show(point)) continue;
      for (const double end : {point.y_ci95->low, point.y_ci95->high}) {
        if (!area.y.can_show(end)) continue;
        const double value = measure(area.y, end);
        range.cover(reach > 0 ? std::clamp(value, points.low - reach, points.high + reach) : value);
      }
    }
  }
  return range;
}

}  // namespace

bool Scale::can_show(double value) const {
  return std::isfinite(value) && (!logarithmic || value > 0);
}

double Scale::place(double value) const {
  const double from = measure(*this, low);
  const double share = (measure(*this, value) - from) / (measure(*this, high) - from);
  return start + share * (end - start);
}

std::vector<Tick> Scale::ticks(int most) const {
  return logarithmic ? log_ticks(low, high, most) : linear_ticks(low, high, most);
}

bool PlotArea::can_show(const FigurePoint& point) const {
  return x.can_show(point.x) && y.can_show(point.y);
}

PlotArea plot_area(const Figure& figure) {
  PlotArea area;
  area.x.logarithmic = figure.x.logarithmic;
  area.y.logarithmic = figure.y.logarithmic;
  Range x;
  Range y;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      if (!area.can_show(point)) continue;
      x.cover(measure(area.x, point.x));
      y.cover(measure(area.y, point.y));
    }
  }
  area.empty = x.low > x.high;
  if (area.empty) return area;
  if (figure.y_reference && area.y.can_show(*figure.y_reference)) {
    y.cover(measure(area.y, *figure.y_reference));
  }
  set_limits(area.x, x);
  set_limits(area.y, with_intervals(figure, area, y));
  area.x.start = area.left;
  area.x.end = area.right;
  area.y.start = area.bottom;
  area.y.end = area.top;
  return area;
}

std::string place_text(double place) {
  const double rounded = std::round(place * 10) / 10 + 0.0;
  return exact(rounded);
}

}  // namespace pressroom
