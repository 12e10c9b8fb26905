#include "report/figures/figure_points.h"

#include <algorithm>
#include <cmath>

namespace pressroom {
namespace {

constexpr double kWide = 12;  // largest over least number from which an axis is logarithmic

// The interval of the ratio to the baseline around a measured perplexity.
std::optional<Interval> interval_around(double perplexity, const FigureRow& row) {
  if (row.comparison == nullptr || !row.comparison->nll().ci95) return {};
  const PairedTest& test = row.comparison->nll();
  const Interval around = {perplexity * std::exp(test.ci95->low - test.mean),
                           perplexity * std::exp(test.ci95->high - test.mean)};
  if (!std::isfinite(around.low) || !std::isfinite(around.high)) return {};
  return around;
}

}  // namespace

const char* const kIntervalNote =
    " Bars: 95 % interval of the change from the baseline, paired over documents.";

void add_point(const FigureRow& row, double x, double y, const PointLooks& looks, Figure& figure) {
  FigurePoint point;
  point.x = x;
  point.y = y;
  point.label = row.label();
  if (looks.interval) point.y_ci95 = interval_around(y, row);
  auto series = std::find_if(figure.series.begin(), figure.series.end(),
                             [&row](const FigureSeries& s) { return s.name == row.group.method; });
  if (series == figure.series.end()) {
    figure.series.push_back({row.group.method, {}, looks.joined});
    series = figure.series.end() - 1;
  }
  series->points.push_back(point);
}

void sort_joined(Figure& figure) {
  for (FigureSeries& series : figure.series) {
    if (!series.joined) continue;
    std::stable_sort(series.points.begin(), series.points.end(),
                     [](const FigurePoint& a, const FigurePoint& b) { return a.x < b.x; });
  }
}

std::size_t points_of(const Figure& figure) {
  std::size_t count = 0;
  for (const FigureSeries& series : figure.series) count += series.points.size();
  return count;
}

bool is_wide(const Figure& figure, double FigurePoint::*coordinate) {
  double least = INFINITY;
  double most = 0;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) {
      least = std::min(least, point.*coordinate);
      most = std::max(most, point.*coordinate);
    }
  }
  return least > 0 && most > kWide * least;
}

const FigureRow* baseline_row(const std::vector<FigureRow>& rows, const Setting& setting,
                              const std::string& baseline, std::optional<double> sparsity) {
  return find_baseline(rows, baseline, setting.dataset, setting.context_tokens, sparsity,
                       [](const FigureRow& row) -> const CellGroup& { return row.group; });
}

std::optional<double> baseline_perplexity(const std::vector<FigureRow>& rows,
                                          const Setting& setting, const std::string& baseline) {
  const FigureRow* row = baseline_row(rows, setting, baseline, {});
  return row == nullptr ? std::nullopt : kPerplexity.of(*row);
}

}  // namespace pressroom
