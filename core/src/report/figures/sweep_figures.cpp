#include "report/figures/sweep_figures.h"

#include <functional>
#include <set>

#include "report/figures/figure_points.h"

namespace pressroom {
namespace {

using Rows = std::vector<FigureRow>;

// Perplexity over `x_of` for the rows that `belongs` names.
Figure sweep(const Rows& rows, const std::function<bool(const FigureRow&)>& belongs,
             const std::function<double(const FigureRow&)>& x_of) {
  Figure figure;
  figure.y = {kPerplexity.title, false, kPerplexity.better};
  for (const FigureRow& row : rows) {
    const std::optional<double> y = kPerplexity.of(row);
    if (y && belongs(row)) add_point(row, x_of(row), *y, {true, true}, figure);
  }
  sort_joined(figure);
  figure.y.logarithmic = is_wide(figure, &FigurePoint::y);
  return figure;
}

std::size_t distinct_x(const Figure& figure) {
  std::set<double> xs;
  for (const FigureSeries& series : figure.series) {
    for (const FigurePoint& point : series.points) xs.insert(point.x);
  }
  return xs.size();
}

}  // namespace

std::vector<Figure> context_sweeps(const Rows& rows, const std::string& baseline) {
  std::vector<Figure> figures;
  for (const std::string& dataset : datasets_of(rows)) {
    for (const double amount : amounts_of(rows, baseline)) {
      Figure figure = sweep(
          rows,
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
      figures.push_back(figure);
    }
  }
  return figures;
}

std::vector<Figure> amount_sweeps(const Rows& rows, const std::string& baseline) {
  std::vector<Figure> figures;
  for (const Setting& setting : settings_of(rows)) {
    Figure figure = sweep(
        rows,
        [&](const FigureRow& row) { return setting.holds(row) && row.group.method != baseline; },
        [](const FigureRow& row) { return row.group.amount(); });
    if (distinct_x(figure) < 2) continue;
    const bool by_budget = rows.front().group.by_budget;
    figure.id = "ppl_vs_" + amount_name(rows) + "_" + slug(setting.dataset) + "_ctx" +
                std::to_string(setting.context_tokens);
    figure.title = "Perplexity against " + amount_name(rows) + ": " + setting.text();
    figure.caption = std::string(by_budget ? "Budget" : "Sparsity") +
                     " as it was asked for; what was really kept is in the table." +
                     std::string(kIntervalNote) + " Dashed: " + baseline + ".";
    figure.x = {by_budget ? "budget (entries a head)" : "sparsity", false, Better::kNeither};
    figure.y_reference = baseline_perplexity(rows, setting, baseline);
    figures.push_back(figure);
  }
  return figures;
}

}  // namespace pressroom
