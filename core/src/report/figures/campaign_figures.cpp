#include "report/figures/campaign_figures.h"

#include <set>

#include "report/figures/cache_figures.h"
#include "report/figures/figure_points.h"
#include "report/figures/sweep_figures.h"

namespace pressroom {
namespace {

using Rows = std::vector<FigureRow>;

constexpr Quantity kDivergence = {
    "kl_mean", "kl", "Divergence from the dense run", "mean KL (nats/token)", Better::kLower, 1};
constexpr Quantity kMatch = {
    "exact_match", "match", "Exact match", "exact match (share of answers)", Better::kHigher, 1};
constexpr Quantity kCosts[] = {
    {"kept_ratio", "kept", "what was kept", "kept fraction, measured", Better::kLower, 1},
    {"kv_bytes_peak", "kv_peak", "memory", "KV cache, peak (MB)", Better::kLower, 1e6},
    {"tokens_per_second", "speed", "speed", "tokens per second", Better::kHigher, 1},
};

std::optional<Figure> trade_off(const Rows& rows, const Setting& setting, const Quantity& quality,
                                const Quantity& cost, const std::string& baseline) {
  const bool is_perplexity = quality.id == std::string(kPerplexity.id);
  Figure figure;
  figure.id = std::string(quality.id) + "_vs_" + cost.id + "_" + slug(setting.dataset) + "_ctx" +
              std::to_string(setting.context_tokens);
  figure.title = std::string(quality.name) + " against " + cost.name + ": " + setting.text();
  figure.x = {cost.title, false, cost.better};
  figure.y = {quality.title, false, quality.better};
  const bool joined = cost.better == Better::kLower;
  std::size_t unmarked = 0;
  for (const FigureRow& row : rows) {
    if (!setting.holds(row)) continue;
    // The baseline does not diverge from itself.
    if (quality.id == std::string(kDivergence.id) && row.group.method == baseline) continue;
    const std::optional<double> x = cost.of(row);
    const std::optional<double> y = quality.of(row);
    if (x && y) {
      add_point(row, *x, *y, {is_perplexity, joined}, figure);
    } else if (!row.group.cells.empty()) {
      ++unmarked;
    }
  }
  if (points_of(figure) < 2) return {};
  sort_joined(figure);
  figure.x.logarithmic = is_wide(figure, &FigurePoint::x);
  figure.y.logarithmic = is_wide(figure, &FigurePoint::y);
  if (is_perplexity) figure.y_reference = baseline_perplexity(rows, setting, baseline);
  figure.draws_pareto = true;
  mark_pareto(figure);
  figure.caption = "A point for each method and " + amount_name(rows) +
                   ", mean over seeds; ringed and joined by a "
                   "dotted line: those that no other beats in both (Pareto front).";
  if (is_perplexity) figure.caption += std::string(kIntervalNote) + " Dashed: " + baseline + ".";
  if (unmarked > 0) {
    figure.caption += " Without a finite number, not drawn: " + std::to_string(unmarked) + ".";
  }
  return figure;
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
                                     const ComparisonReport& report) {
  const Rows rows = figure_rows(results, report);
  std::vector<Figure> figures;
  for (const Setting& setting : settings_of(rows)) {
    for (const Quantity& quality : {kPerplexity, kMatch, kDivergence}) {
      for (const Quantity& cost : kCosts) {
        const std::optional<Figure> figure =
            trade_off(rows, setting, quality, cost, report.baseline);
        if (figure) figures.push_back(*figure);
      }
    }
  }
  for (const auto make : {context_sweeps, amount_sweeps, cache_figures}) {
    for (Figure& figure : make(rows, report.baseline)) figures.push_back(std::move(figure));
  }
  make_unique(figures);
  return figures;
}

}  // namespace pressroom
