// The groups of a campaign with their means: what figures, summary and tables of the report are
// made from.
//
//   const std::vector<FigureRow> rows = figure_rows(results, report);
//   rows[0].number("perplexity");   // absent for a metric that the group has none of
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

}  // namespace pressroom
