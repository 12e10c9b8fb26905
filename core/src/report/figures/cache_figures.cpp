#include "report/figures/cache_figures.h"

#include <algorithm>

namespace pressroom {
namespace {

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

}  // namespace

std::vector<Figure> cache_figures(const std::vector<FigureRow>& rows, const std::string& baseline) {
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

}  // namespace pressroom
