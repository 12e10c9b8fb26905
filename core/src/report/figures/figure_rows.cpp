#include "report/figures/figure_rows.h"

#include <algorithm>
#include <cmath>

#include "base/number_text.h"

namespace pressroom {
namespace {

template <typename Value>
void add_new(const Value& value, std::vector<Value>& values) {
  if (std::find(values.begin(), values.end(), value) == values.end()) values.push_back(value);
}

}  // namespace

std::optional<double> FigureRow::number(const std::string& metric) const {
  const MetricSummary* summary = find_metric(metrics, metric);
  if (summary == nullptr || !std::isfinite(summary->mean())) return {};
  return summary->mean();
}

std::string FigureRow::label() const { return group.method + ", " + group.told(); }

std::vector<FigureRow> figure_rows(const std::vector<CellResult>& results,
                                   const ComparisonReport& report) {
  std::vector<FigureRow> rows;
  for (CellGroup& group : group_cells(results, report.baseline)) {
    FigureRow row;
    row.metrics = summarise_metrics(group);
    row.comparison = report.find(group);
    row.group = std::move(group);
    rows.push_back(std::move(row));
  }
  return rows;
}

std::string Setting::text() const {
  return dataset + ", context " + std::to_string(context_tokens);
}

std::vector<Setting> settings_of(const std::vector<FigureRow>& rows) {
  std::vector<Setting> settings;
  for (const FigureRow& row : rows) {
    const bool known = std::any_of(settings.begin(), settings.end(),
                                   [&row](const Setting& setting) { return setting.holds(row); });
    if (!known) settings.push_back({row.group.dataset, row.group.context_tokens});
  }
  return settings;
}

std::vector<std::string> datasets_of(const std::vector<FigureRow>& rows) {
  std::vector<std::string> datasets;
  for (const FigureRow& row : rows) add_new(row.group.dataset, datasets);
  return datasets;
}

std::vector<double> amounts_of(const std::vector<FigureRow>& rows, const std::string& baseline) {
  std::vector<double> amounts;
  for (const FigureRow& row : rows) {
    if (row.group.method != baseline) add_new(row.group.amount(), amounts);
  }
  std::sort(amounts.begin(), amounts.end());
  return amounts;
}

std::string amount_name(const std::vector<FigureRow>& rows) {
  return rows.empty() ? CellGroup().amount_name() : rows.front().group.amount_name();
}

std::string amount_text(const std::vector<FigureRow>& rows, double amount) {
  const bool by_budget = !rows.empty() && rows.front().group.by_budget;
  return by_budget ? exact(amount) : sparsity_text(amount);
}

std::vector<std::string> methods_of(const std::vector<FigureRow>& rows,
                                    const std::string& baseline) {
  std::vector<std::string> methods = {baseline};
  for (const FigureRow& row : rows) add_new(row.group.method, methods);
  return methods;
}

std::string slug(std::string_view label) {
  std::string name;
  for (const char c : label) {
    const bool stays = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.';
    name += stays ? c : '-';
  }
  return name;
}

namespace {

// The interval of the ratio to the baseline around a measured perplexity.
std::optional<Interval> interval_around(double perplexity, const FigureRow& row) {
  if (row.comparison == nullptr || !row.comparison->nll().ci95) return {};
  const PairedTest& test = row.comparison->nll();
  // The interval is of the change from the baseline; about the point only its width is of use.
  const Interval around = {perplexity * std::exp(test.ci95->low - test.mean),
                           perplexity * std::exp(test.ci95->high - test.mean)};
  if (!std::isfinite(around.low) || !std::isfinite(around.high)) return {};
  return around;
}

// The same of a metric in its own unit, by its own tests.
std::optional<Interval> interval_around(double value, const FigureRow& row,
                                        const ComparisonReport& tests) {
  const Comparison* comparison = tests.find(row.group);
  if (comparison == nullptr || !comparison->test.ci95) return {};
  const double half = comparison->test.ci95->high - comparison->test.mean;
  if (!std::isfinite(half)) return {};
  return Interval{value - half, value + half};
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
  if (looks.tests != nullptr) point.y_ci95 = interval_around(y, row, *looks.tests);
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
