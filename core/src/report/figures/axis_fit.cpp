#include <algorithm>
#include <cmath>
#include <utility>

#include "base/number_text.h"
#include "report/figures/figure.h"

namespace pressroom {
namespace {

struct Span {
  double least = INFINITY;
  double most = -INFINITY;

  void add(double value) {
    if (!std::isfinite(value)) return;
    least = std::min(least, value);
    most = std::max(most, value);
  }
  double length() const { return most > least ? most - least : 0; }
  bool is_wide() const { return least > 0 && most > kWide * least; }
};

// The length that the figure takes without the series `aside`.
Span span_without(const Figure& figure, const std::vector<const FigureSeries*>& aside) {
  Span span;
  if (figure.y_reference) span.add(*figure.y_reference);
  for (const FigureSeries& series : figure.series) {
    if (std::find(aside.begin(), aside.end(), &series) != aside.end()) continue;
    for (const FigurePoint& point : series.points) span.add(point.y);
  }
  return span;
}

// Series with their worst point, the worst of them first.
std::vector<const FigureSeries*> worst_first(const Figure& figure) {
  const bool higher = figure.y.better == Better::kHigher;
  std::vector<std::pair<double, const FigureSeries*>> worst;
  for (const FigureSeries& series : figure.series) {
    Span span;
    for (const FigurePoint& point : series.points) span.add(point.y);
    if (span.least <= span.most) worst.emplace_back(higher ? -span.least : span.most, &series);
  }
  std::stable_sort(worst.begin(), worst.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<const FigureSeries*> sorted;
  for (const auto& [value, series] : worst) sorted.push_back(series);
  return sorted;
}

// The end of an axis that shows `rest`, and those points of `aside` that lie just beyond it: what
// the room for arrows would cover must not stand at the edge as if it lay further out.
double with_near_points(const Figure& figure, const std::vector<const FigureSeries*>& aside,
                        Span rest) {
  const bool higher = figure.y.better == Better::kHigher;
  std::vector<double> values;
  for (const FigureSeries* series : aside) {
    for (const FigurePoint& point : series->points) values.push_back(point.y);
  }
  std::sort(values.begin(), values.end());
  if (higher) std::reverse(values.begin(), values.end());
  for (const double value : values) {
    const double beyond = higher ? rest.least - value : value - rest.most;
    const bool is_near_by_factor =
        !higher && rest.is_wide() && value <= rest.most * std::pow(rest.most / rest.least, kNear);
    if (beyond <= kNear * rest.length() || is_near_by_factor) rest.add(value);
  }
  return higher ? rest.least : rest.most;
}

std::optional<double> limit_of(const Figure& figure) {
  if (figure.y.better == Better::kNeither) return {};
  const std::vector<const FigureSeries*> series = worst_first(figure);
  std::vector<const FigureSeries*> aside;
  double before = span_without(figure, aside).length();
  for (std::size_t i = 0; 2 * (i + 1) <= series.size(); ++i) {
    aside.push_back(series[i]);
    const Span rest = span_without(figure, aside);
    // One value alone is no axis.
    if (rest.length() > 0 && rest.length() < kFloorGap * before) {
      return with_near_points(figure, aside, rest);
    }
    before = rest.length();
  }
  return {};
}

}  // namespace

bool is_beyond(const Figure& figure, const FigurePoint& point) {
  if (!figure.y_limit) return false;
  return figure.y.better == Better::kHigher ? point.y < *figure.y_limit : point.y > *figure.y_limit;
}

bool is_wide(const Figure& figure, double FigurePoint::*coordinate) {
  Span span;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      const bool counts = coordinate != &FigurePoint::y || !is_beyond(figure, point);
      if (counts) span.add(point.*coordinate);
    }
  }
  return span.is_wide();
}

void fit_y_axis(Figure& figure) {
  figure.y_limit = limit_of(figure);
  figure.y.logarithmic = figure.y.better != Better::kHigher && is_wide(figure, &FigurePoint::y);
}

std::optional<double> nearest_beyond(const Figure& figure) {
  Span span;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      if (is_beyond(figure, point)) span.add(point.y);
    }
  }
  if (span.least > span.most) return {};
  return figure.y.better == Better::kHigher ? span.most : span.least;
}

std::string beyond_note(const Figure& figure) {
  std::string text;
  for (const FigureSeries& series : figure.series) {
    std::string values;
    for (const FigurePoint& point : series.points) {
      if (!is_beyond(figure, point)) continue;
      values += (values.empty() ? " " : ", ") + significant(point.y, 4);
    }
    if (!values.empty()) text += (text.empty() ? "" : "; ") + series.name + values;
  }
  return text.empty() ? "" : " Beyond the axis, as arrows at its edge: " + text + ".";
}

Figure without_series(Figure figure, const std::vector<std::string>& names) {
  const auto left = std::remove_if(
      figure.series.begin(), figure.series.end(), [&names](const FigureSeries& series) {
        return std::find(names.begin(), names.end(), series.name) != names.end();
      });
  if (left == figure.series.end()) return figure;
  figure.series.erase(left, figure.series.end());
  if (figure.y.better != Better::kNeither) fit_y_axis(figure);
  if (figure.draws_pareto) mark_pareto(figure);
  return figure;
}

}  // namespace pressroom
