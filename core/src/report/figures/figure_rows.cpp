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
    row.comparison = report.find(group.method, group.sparsity, group.dataset, group.context_tokens);
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

}  // namespace pressroom
