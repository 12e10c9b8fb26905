#include "report/results_table.h"

#include <algorithm>
#include <cmath>

#include "report/kept_range.h"
#include "report/standings.h"
#include "report/table_cells.h"
#include "stats/cell_groups.h"
#include "stats/metric_summary.h"

namespace pressroom {
namespace {

struct Row {
  const CellGroup* group = nullptr;
  std::vector<MetricSummary> metrics;
  std::vector<TableCell> cells;
};

bool any_has(const std::vector<Row>& rows, const char* metric) {
  return std::any_of(rows.begin(), rows.end(), [metric](const Row& row) {
    return find_metric(row.metrics, metric) != nullptr;
  });
}

// Writes `column` and its cell of every row.
template <typename MakeCell>
void add_column(const TableColumn& column, std::vector<TableColumn>& columns,
                std::vector<Row>& rows, MakeCell make_cell) {
  columns.push_back(column);
  for (Row& row : rows) row.cells.push_back(make_cell(row));
}

void add_metric(const MetricColumn& metric, std::vector<TableColumn>& columns,
                std::vector<Row>& rows) {
  if (!any_has(rows, metric.name)) return;
  add_column({metric.header, metric.unit, Align::kRight, metric.direction}, columns, rows,
             [&metric](const Row& row) {
               return metric_cell(find_metric(row.metrics, metric.name), metric);
             });
}

// Whether the rows [first, last), all of one sparsity, can be ranked.
bool rankable(const std::vector<Row>& rows, std::size_t first, std::size_t last) {
  if (last - first < 2) return false;
  KeptRange kept;
  KeptRange held;
  for (std::size_t i = first; i < last; ++i) {
    if (!rows[i].group->complete()) return false;
    const MetricSummary* ratio = find_metric(rows[i].metrics, "kept_ratio");
    if (ratio == nullptr) return false;
    kept.add(ratio->mean());
    const MetricSummary* entries = find_metric(rows[i].metrics, "mean_cache_entries");
    if (entries != nullptr) held.add(entries->mean());
  }
  return kept.alike() && held.alike();
}

// Columns that the tests of the nll speak of.
bool shows_loss(const TableColumn& column) {
  return column.header == "ppl" || column.header == "delta nll" || column.header == "bits/byte";
}

// Marks the best cell of every column in the rows [first, last); returns whether any was.
bool mark_best(const std::vector<TableColumn>& columns, const ComparisonReport& report,
               std::vector<Row>& rows, std::size_t first, std::size_t last) {
  bool marked = false;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].direction == Direction::kNeither) continue;
    const double sign = columns[c].direction == Direction::kLowerIsBetter ? 1 : -1;
    std::size_t best = first;
    bool differ = false;
    bool all_known = true;
    for (std::size_t i = first; i < last; ++i) {
      const TableCell& cell = rows[i].cells[c];
      all_known = all_known && cell.value && std::isfinite(*cell.value);
      if (!all_known) break;
      differ = differ || cell.text != rows[first].cells[c].text;
      if (sign * *cell.value < sign * *rows[best].cells[c].value) best = i;
    }
    if (!all_known || !differ) continue;
    for (std::size_t i = first; i < last; ++i) {
      rows[i].cells[c].best = shows_loss(columns[c])
                                  ? !beats(*rows[best].group, *rows[i].group, report)
                                  : rows[i].cells[c].text == rows[best].cells[c].text;
    }
    marked = true;
  }
  return marked;
}

// Ranks the rows of each sparsity of one block; returns whether any was ranked.
bool mark_blocks(const std::vector<TableColumn>& columns, const ComparisonReport& report,
                 std::vector<Row>& rows) {
  bool any = false;
  std::size_t first = 0;
  while (first < rows.size()) {
    const CellGroup& group = *rows[first].group;
    std::size_t last = first + 1;
    while (last < rows.size() && rows[last].group->sparsity == group.sparsity &&
           rows[last].group->dataset == group.dataset &&
           rows[last].group->context_tokens == group.context_tokens) {
      ++last;
    }
    if (group.method == report.baseline) ++first;
    if (rankable(rows, first, last)) any = mark_best(columns, report, rows, first, last) || any;
    first = last;
  }
  return any;
}

void add_blocks(std::vector<Row>& rows, ResultsTable& table) {
  for (Row& row : rows) {
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
  std::vector<Row> rows;
  for (const CellGroup& group : groups) rows.push_back({&group, summarise_metrics(group), {}});
  const auto comparison = [&report](const Row& row) {
    return report.find(row.group->method, row.group->sparsity, row.group->dataset,
                       row.group->context_tokens);
  };

  ResultsTable table;
  add_column({"method", "", Align::kLeft, Direction::kNeither}, table.columns, rows,
             [](const Row& row) {
               return TableCell{row.group->method, {}, false};
             });
  add_column({"sparsity", "", Align::kRight, Direction::kNeither}, table.columns, rows,
             [](const Row& row) { return sparsity_cell(row.group->sparsity); });
  for (const MetricColumn& metric : quality_columns()) add_metric(metric, table.columns, rows);
  add_column({"delta nll", "nats/token", Align::kRight, Direction::kLowerIsBetter}, table.columns,
             rows, [&](const Row& row) { return delta_cell(comparison(row)); });
  add_column({"p (Holm)", "", Align::kRight, Direction::kNeither}, table.columns, rows,
             [&](const Row& row) { return p_cell(comparison(row)); });
  for (const MetricColumn& metric : cost_columns()) add_metric(metric, table.columns, rows);

  const bool ranked = mark_blocks(table.columns, report, rows);
  add_blocks(rows, table);
  table.notes = reading_notes(report, ranked);
  for (const CellGroup& group : groups) {
    for (const Gap& gap : group.gaps) {
      table.failures.push_back(group.where() + ", seed " + std::to_string(gap.seed) + ": " +
                               gap.reason);
    }
  }
  for (const Problem& finding : report.findings) table.findings.push_back(finding.text());
  return table;
}

}  // namespace pressroom
