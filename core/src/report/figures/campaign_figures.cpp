#include "report/figures/campaign_figures.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>
#include <string>

#include "report/figures/figure_rows.h"
#include "report/table/table_columns.h"
#include "results/metric_names.h"

namespace pressroom {
namespace {

using Rows = std::vector<FigureRow>;

bool has_course(const FigureRow& row) {
  return std::any_of(row.group.cells.begin(), row.group.cells.end(),
                     [](const CellResult* cell) { return !cell->size_curve.tokens_fed.empty(); });
}

FigureSeries size_curve_of(const FigureRow& row) {
  FigureSeries series;
  series.name = row.group.method;
  const CacheSizeCurve* first = nullptr;
  double cells = 0;
  for (const CellResult* cell : row.group.cells) {
    const CacheSizeCurve& curve = cell->size_curve;
    if (curve.tokens_fed.empty() || curve.entries_per_head.size() != curve.tokens_fed.size()) {
      continue;
    }
    if (first == nullptr) {
      first = &curve;
      series.points.resize(curve.tokens_fed.size());
    }
    if (curve.tokens_fed != first->tokens_fed) continue;
    ++cells;
    for (std::size_t i = 0; i < series.points.size(); ++i) {
      series.points[i].y += curve.entries_per_head[i];
    }
  }
  for (std::size_t i = 0; i < series.points.size(); ++i) {
    FigurePoint& point = series.points[i];
    point.x = static_cast<double>(first->tokens_fed[i]);
    point.y /= cells;
    point.label = row.label();
  }
  return series;
}

// Entries a head over tokens fed: a figure for each dataset and sparsity, at the largest context
// that has courses; the baseline in each. A line is the mean over a group's cells whose courses
// have the points of the first.
std::vector<Figure> cache_figures(const Rows& rows, const std::string& baseline) {
  std::vector<Figure> figures;
  for (const std::string& dataset : datasets_of(rows)) {
    std::int64_t context = 0;
    for (const FigureRow& row : rows) {
      if (row.group.dataset == dataset && has_course(row)) {
        context = std::max(context, row.group.context_tokens);
      }
    }
    const Setting setting = {dataset, context};
    for (const double amount : amounts_of(rows, baseline)) {
      Figure figure;
      bool any = false;
      for (const FigureRow& row : rows) {
        const bool is_baseline = row.group.method == baseline;
        if (!setting.holds(row) || !has_course(row)) continue;
        if (!is_baseline && row.group.amount() != amount) continue;
        any = any || !is_baseline;
        figure.series.push_back(size_curve_of(row));
      }
      if (!any) continue;
      const std::string told = amount_name(rows);
      figure.id = "cache_" + slug(dataset) + "_ctx" + std::to_string(context) + "_" + told.front() +
                  amount_text(rows, amount);
      figure.title =
          "Cache size: " + setting.text() + ", " + told + " " + amount_text(rows, amount);
      figure.caption = "Entries that a head holds, mean over layers, KV heads, windows and seeds.";
      figure.x = {"tokens fed", false, Better::kNeither};
      figure.y = {"entries a head", false, Better::kNeither};
      figures.push_back(std::move(figure));
    }
  }
  return figures;
}

const AxisMetric kDivergence = {
    metric_names::kKlMean,  "kl",           "Divergence from the dense run",
    "mean KL (nats/token)", Better::kLower, 1};
const AxisMetric kMatch = {metric_names::kExactMatch,        "match",         "Exact match",
                           "exact match (share of answers)", Better::kHigher, 1};

bool is_perplexity(const AxisMetric& metric) { return metric.id == kPerplexity.id; }

// `quality` over `x_of` for the rows that `belongs` names.
Figure sweep(const AxisMetric& quality, const Rows& rows,
             const std::function<bool(const FigureRow&)>& belongs,
             const std::function<double(const FigureRow&)>& x_of) {
  Figure figure;
  figure.y = {quality.title, false, quality.better};
  for (const FigureRow& row : rows) {
    const std::optional<double> y = quality.of(row);
    if (y && belongs(row)) {
      add_point(row, x_of(row), *y, {is_perplexity(quality), true, quality.tests}, figure);
    }
  }
  sort_joined(figure);
  return figure;
}

std::size_t distinct_x(const Figure& figure) {
  std::set<double> xs;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) xs.insert(point.x);
  }
  return xs.size();
}

// Perplexity over context length, for each dataset and sparsity, with the baseline; where there are
// several contexts.
std::vector<Figure> context_sweeps(const Rows& rows, const std::string& baseline) {
  std::vector<Figure> figures;
  for (const std::string& dataset : datasets_of(rows)) {
    for (const double amount : amounts_of(rows, baseline)) {
      Figure figure = sweep(
          kPerplexity, rows,
          [&](const FigureRow& row) {
            return row.group.dataset == dataset &&
                   (row.group.amount() == amount || row.group.method == baseline);
          },
          [](const FigureRow& row) { return static_cast<double>(row.group.context_tokens); });
      if (distinct_x(figure) < 2 || figure.series.size() < 2) continue;
      const std::string told = amount_name(rows);
      figure.id =
          "ppl_vs_context_" + slug(dataset) + "_" + told.front() + amount_text(rows, amount);
      figure.title = "Perplexity against context length: " + dataset + ", " + told + " " +
                     amount_text(rows, amount);
      figure.caption = "Every context with the windows that were drawn for it; mean over seeds." +
                       std::string(kIntervalNote);
      figure.x = {"context (tokens)", true, Better::kNeither};
      for (const FigureSeries& series : figure.series) {
        for (const FigurePoint& point : series.points) figure.x.marks.push_back(point.x);
      }
      std::sort(figure.x.marks.begin(), figure.x.marks.end());
      fit_y_axis(figure);
      figures.push_back(figure);
    }
  }
  return figures;
}

Figure amount_sweep(const Rows& rows, const Setting& setting, const AxisMetric& quality,
                    const std::string& baseline) {
  const bool by_budget = rows.front().group.by_budget;
  const std::string told = amount_name(rows);
  Figure figure = sweep(
      quality, rows,
      [&](const FigureRow& row) { return setting.holds(row) && row.group.method != baseline; },
      [](const FigureRow& row) { return row.group.amount(); });
  figure.id = quality.id + "_vs_" + told + "_" + slug(setting.dataset) + "_ctx" +
              std::to_string(setting.context_tokens);
  figure.title = quality.name + " against " + told + ": " + setting.text();
  figure.caption = std::string(by_budget ? "Budget" : "Sparsity") +
                   " as it was asked for; what was really kept is in the table." +
                   (is_perplexity(quality) ? kIntervalNote : "") + " Dashed: " + baseline + ".";
  figure.x = {by_budget ? "budget (entries a head)" : "sparsity", false, Better::kNeither};
  if (by_budget) {
    figure.x.marks = amounts_of(rows, baseline);
    figure.x.logarithmic = is_wide(figure, &FigurePoint::x);
  }
  if (const FigureRow* dense = baseline_row(rows, setting, baseline, {})) {
    figure.y_reference = quality.of(*dense);
  }
  fit_y_axis(figure);
  return figure;
}

// Perplexity, and exact match where there is any, over sparsity, or over budget where the campaign
// gives these, for each dataset and context; where there are several.
std::vector<Figure> amount_sweeps(const Rows& rows, const std::string& baseline) {
  std::vector<Figure> figures;
  for (const Setting& setting : settings_of(rows)) {
    for (const AxisMetric& quality : {kPerplexity, kMatch}) {
      const Figure figure = amount_sweep(rows, setting, quality, baseline);
      if (distinct_x(figure) > 1) figures.push_back(figure);
    }
  }
  return figures;
}

const AxisMetric kCosts[] = {
    {metric_names::kKeptRatio, "kept", "what was kept", "kept fraction, measured", Better::kLower,
     1},
    {metric_names::kKvBytesPeak, "kv_peak", "memory", "KV cache, peak (MB)", Better::kLower, 1e6},
    {metric_names::kTokensPerSecond, "speed", "speed", "tokens per second", Better::kHigher, 1},
};

std::optional<Figure> trade_off(const Rows& rows, const Setting& setting, const AxisMetric& quality,
                                const AxisMetric& cost, const std::string& baseline) {
  const bool with_interval = is_perplexity(quality);
  Figure figure;
  figure.id = quality.id + "_vs_" + cost.id + "_" + slug(setting.dataset) + "_ctx" +
              std::to_string(setting.context_tokens);
  figure.title = quality.name + " against " + cost.name + ": " + setting.text();
  figure.x = {cost.title, false, cost.better};
  figure.y = {quality.title, false, quality.better};
  const bool joined = cost.better == Better::kLower;
  std::size_t unmarked = 0;
  for (const FigureRow& row : rows) {
    if (!setting.holds(row)) continue;
    // The baseline does not diverge from itself.
    if (quality.id == kDivergence.id && row.group.method == baseline) continue;
    const std::optional<double> x = cost.of(row);
    const std::optional<double> y = quality.of(row);
    if (x && y) {
      add_point(row, *x, *y, {with_interval, joined, quality.tests}, figure);
    } else if (!row.group.cells.empty()) {
      ++unmarked;
    }
  }
  if (points_of(figure) < 2) return {};
  sort_joined(figure);
  figure.x.logarithmic = is_wide(figure, &FigurePoint::x);
  if (with_interval) figure.y_reference = baseline_perplexity(rows, setting, baseline);
  fit_y_axis(figure);
  figure.draws_pareto = true;
  mark_pareto(figure);
  figure.caption = "A point for each method and " + amount_name(rows) +
                   ", mean over seeds; ringed and joined by a "
                   "dotted line: those that no other beats in both (Pareto front).";
  if (with_interval) figure.caption += std::string(kIntervalNote) + " Dashed: " + baseline + ".";
  if (quality.tests != nullptr) figure.caption += kIntervalNote;
  if (unmarked > 0) {
    figure.caption += " Without a finite number, not drawn: " + std::to_string(unmarked) + ".";
  }
  return figure;
}

// What is drawn by itself already, or is told of every cell as a cost.
constexpr const char* kDrawn[] = {metric_names::kPerplexity,       metric_names::kExactMatch,
                                  metric_names::kKlMean,           metric_names::kBitsPerByte,
                                  metric_names::kKvBytesPeak,      metric_names::kTokensPerSecond,
                                  metric_names::kProcessPeakBytes, metric_names::kCrossEntropy};

// The columns of the results table that have a figure of their own: those with a direction.
std::vector<AxisMetric> asked_qualities(const std::vector<CellResult>& results,
                                        const ComparisonReport& report,
                                        const std::vector<std::string>& columns) {
  std::vector<AxisMetric> qualities;
  const TableMetrics shown = table_metrics(results, columns);
  for (const std::vector<MetricColumn>* part : {&shown.before, &shown.after}) {
    for (const MetricColumn& column : *part) {
      const bool is_drawn =
          std::any_of(std::begin(kDrawn), std::end(kDrawn),
                      [&column](const char* drawn) { return column.name == drawn; });
      if (is_drawn || column.direction == Direction::kNeither) continue;
      const Better better =
          column.direction == Direction::kLowerIsBetter ? Better::kLower : Better::kHigher;
      const std::string unit = column.unit.empty() ? "" : " (" + column.unit + ")";
      qualities.push_back({column.name, slug(column.name), column.header, column.name + unit,
                           better, column.divisor, report.of_metric(column.name)});
    }
  }
  return qualities;
}

// Ids that labels made equal get a number.
void make_unique(std::vector<Figure>& figures) {
  std::set<std::string> taken;
  for (Figure& figure : figures) {
    const std::string id = figure.id;
    for (int number = 2; !taken.insert(figure.id).second; ++number) {
      figure.id = id + "_" + std::to_string(number);
    }
  }
}

}  // namespace

std::vector<Figure> campaign_figures(const std::vector<CellResult>& results,
                                     const ComparisonReport& report,
                                     const std::vector<std::string>& columns) {
  const Rows rows = figure_rows(results, report);
  const std::vector<AxisMetric> qualities = {kPerplexity, kMatch, kDivergence};
  const std::vector<AxisMetric> asked = asked_qualities(results, report, columns);
  std::vector<Figure> figures;
  for (const Setting& setting : settings_of(rows)) {
    for (const AxisMetric& quality : qualities) {
      for (const AxisMetric& cost : kCosts) {
        const std::optional<Figure> figure =
            trade_off(rows, setting, quality, cost, report.baseline);
        if (figure) figures.push_back(*figure);
      }
    }
    for (const AxisMetric& quality : asked) {
      const std::optional<Figure> figure =
          trade_off(rows, setting, quality, kCosts[0], report.baseline);
      if (figure) figures.push_back(*figure);
    }
  }
  for (const auto make : {context_sweeps, amount_sweeps, cache_figures}) {
    for (Figure& figure : make(rows, report.baseline)) figures.push_back(std::move(figure));
  }
  make_unique(figures);
  return figures;
}

}  // namespace pressroom
