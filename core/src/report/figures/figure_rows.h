// The groups of a campaign with their means: what figures, summary and tables of the report are
// made from, and the points of figures that they become.
//
//   const std::vector<FigureRow> rows = figure_rows(results, report);
//   rows[0].number(metric_names::kPerplexity);   // absent for a metric that the group has none of
//   add_point(rows[0], 0.1, 13.9, {true, true}, figure);   // into the series of the row's method
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "report/figures/figure.h"
#include "results/metric_names.h"
#include "stats/cell_groups.h"
#include "stats/comparison.h"
#include "stats/metric_summary.h"

namespace pressroom {

struct FigureRow {
  CellGroup group;
  std::vector<MetricSummary> metrics;
  const Comparison* comparison = nullptr;  // with the baseline; borrowed from the report

  // The mean of a metric over seeds; absent where there is none or it is not finite.
  std::optional<double> number(const std::string& metric) const;
  std::string label() const;  // "h2o, sparsity 0.9", "h2o, budget 102"
};

// In the order of the results table. `results` and `report` must outlive the rows.
std::vector<FigureRow> figure_rows(const std::vector<CellResult>& results,
                                   const ComparisonReport& report);

// A dataset at a context: one block of the results table.
struct Setting {
  std::string dataset;
  std::int64_t context_tokens = 0;

  bool holds(const FigureRow& row) const {
    return row.group.dataset == dataset && row.group.context_tokens == context_tokens;
  }
  std::string text() const;  // "books, context 1024"
};

// Those that rows have, in their order.
std::vector<Setting> settings_of(const std::vector<FigureRow>& rows);
std::vector<std::string> datasets_of(const std::vector<FigureRow>& rows);
// What methods but the baseline were told, ascending: CellGroup::amount().
std::vector<double> amounts_of(const std::vector<FigureRow>& rows, const std::string& baseline);
// "sparsity", or "budget" where the campaign gives these.
std::string amount_name(const std::vector<FigureRow>& rows);
// An amount as tables and names have it: "0.9", "102".
std::string amount_text(const std::vector<FigureRow>& rows, double amount);

// Methods in the order of the campaign's tables, the baseline first.
std::vector<std::string> methods_of(const std::vector<FigureRow>& rows,
                                    const std::string& baseline);

// A label as part of a file name: letters, digits, "-", "_" and "." stay, the rest becomes "-".
std::string slug(std::string_view label);

// A metric as an axis, in `divisor` units.
struct AxisMetric {
  std::string metric;
  std::string id;
  std::string name;   // "Perplexity": begins titles
  std::string title;  // of the axis
  Better better = Better::kNeither;
  double divisor = 1;
  const ComparisonReport* tests = nullptr;  // its own, where it has any

  std::optional<double> of(const FigureRow& row) const {
    const std::optional<double> value = row.number(metric);
    return value ? std::optional<double>(*value / divisor) : std::nullopt;
  }
};

inline const AxisMetric kPerplexity = {metric_names::kPerplexity, "ppl",          "Perplexity",
                                       metric_names::kPerplexity, Better::kLower, 1};

// How to read the intervals of perplexities, a sentence with a blank before it.
extern const char* const kIntervalNote;

struct PointLooks {
  bool interval = false;  // y is a perplexity: with the interval of the comparison around it
  bool joined = true;     // of the series, where the point begins one
  const ComparisonReport* tests = nullptr;  // of y, whose interval is laid around it
};

// Adds a point to the series of the row's method.
void add_point(const FigureRow& row, double x, double y, const PointLooks& looks, Figure& figure);

// Puts the points of joined series in order.
void sort_joined(Figure& figure);

std::size_t points_of(const Figure& figure);

// The row of the baseline in a setting: that of `sparsity`, else its only one; nullptr for none.
const FigureRow* baseline_row(const std::vector<FigureRow>& rows, const Setting& setting,
                              const std::string& baseline, std::optional<double> sparsity);

// What the reference line of a perplexity stands at; absent where the baseline has no result, or
// several.
std::optional<double> baseline_perplexity(const std::vector<FigureRow>& rows,
                                          const Setting& setting, const std::string& baseline);

}  // namespace pressroom
