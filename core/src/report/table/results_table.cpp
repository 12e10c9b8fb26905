#include "report/table/results_table.h"

#include <algorithm>
#include <utility>

#include "report/table/failures.h"
#include "report/table/table_cells.h"
#include "report/table/table_ranking.h"
#include "stats/cell_groups.h"
#include "stats/metric_summary.h"

namespace pressroom {
namespace {

bool any_has(const std::vector<TableRow>& rows, const char* metric) {
  return std::any_of(rows.begin(), rows.end(), [metric](const TableRow& row) {
    return find_metric(row.metrics, metric) != nullptr;
  });
}

// Writes `column` and its cell of every row.
template <typename MakeCell>
void add_column(const TableColumn& column, std::vector<TableColumn>& columns,
                std::vector<TableRow>& rows, MakeCell make_cell) {
  columns.push_back(column);
  for (TableRow& row : rows) row.cells.push_back(make_cell(row));
}

void add_metric(const MetricColumn& metric, std::vector<TableColumn>& columns,
                std::vector<TableRow>& rows) {
  if (!any_has(rows, metric.name)) return;
  add_column({metric.header, metric.unit, Align::kRight, metric.direction}, columns, rows,
             [&metric](const TableRow& row) {
               return metric_cell(find_metric(row.metrics, metric.name), metric);
             });
}

void add_blocks(std::vector<TableRow>& rows, ResultsTable& table) {
  for (TableRow& row : rows) {
    std::string title =
        row.group->dataset + ", context " + std::to_string(row.group->context_tokens);
    if (row.group->protocol != "stream") title += ", " + row.group->protocol;
    if (table.blocks.empty() || table.blocks.back().title != title) {
      table.blocks.push_back({title, {}});
    }
    table.blocks.back().rows.push_back(std::move(row.cells));
  }
}

}  // namespace

ResultsTable results_table(const std::vector<CellResult>& results, const ComparisonReport& report) {
  const std::vector<CellGroup> groups = group_cells(results, report.baseline);
  std::vector<TableRow> rows;
  for (const CellGroup& group : groups) rows.push_back({&group, summarise_metrics(group), {}});
  const auto comparison = [&report](const TableRow& row) {
    return report.find(row.group->method, row.group->sparsity, row.group->dataset,
                       row.group->context_tokens);
  };

  ResultsTable table;
  add_column({"method", "", Align::kLeft, Direction::kNeither}, table.columns, rows,
             [](const TableRow& row) {
               return TableCell{row.group->method, {}, false};
             });
  add_column({amount_name(groups), "", Align::kRight, Direction::kNeither}, table.columns, rows,
             [](const TableRow& row) { return amount_cell(*row.group); });
  for (const MetricColumn& metric : quality_columns()) add_metric(metric, table.columns, rows);
  if (report.judges(Judge::kAnswers)) {
    add_column({"match", "%", Align::kRight, Direction::kHigherIsBetter}, table.columns, rows,
               [](const TableRow& row) { return match_cell(*row.group); });
    add_column({"delta match", "points", Align::kRight, Direction::kHigherIsBetter}, table.columns,
               rows, [&](const TableRow& row) { return match_delta_cell(comparison(row)); });
  }
  if (report.judges(Judge::kNll) || !report.judges(Judge::kAnswers)) {
    add_column({"delta nll", "nats/token", Align::kRight, Direction::kLowerIsBetter}, table.columns,
               rows, [&](const TableRow& row) { return delta_cell(comparison(row)); });
  }
  add_column({"p (Holm)", "", Align::kRight, Direction::kNeither}, table.columns, rows,
             [&](const TableRow& row) { return p_cell(comparison(row)); });
  for (const MetricColumn& metric : cost_columns()) add_metric(metric, table.columns, rows);

  const TableMarks marks = mark_best(table.columns, report, groups, rows);
  add_blocks(rows, table);
  table.notes = reading_notes(report, marks.ranked, amount_name(groups), marks.held_more);
  table.failures = failures_of(groups);
  for (const Problem& finding : report.findings) table.findings.push_back(finding.text());
  return table;
}

}  // namespace pressroom
