#include "report/table/results_table.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/number_text.h"
#include "report/table/rate_cells.h"
#include "report/table/standings.h"
#include "report/table/table_cells.h"
#include "results/metric_names.h"
#include "stats/cell_groups.h"
#include "stats/metric_summary.h"
#include "stats/question_tests.h"

namespace pressroom {
namespace {

struct TableRow {
  const CellGroup* group = nullptr;
  std::vector<MetricSummary> metrics;
  std::vector<TableCell> cells;  // one a column
};

struct TableMarks {
  bool ranked = false;                 // something is marked best
  std::vector<std::string> held_more;  // rows that held more than their peers, with the numbers
};

// The rows of one sparsity and place, those that take part in a ranking.
using Peers = std::vector<TableRow*>;

std::optional<double> mean_of(const TableRow& row, const char* metric) {
  const MetricSummary* summary = find_metric(row.metrics, metric);
  return summary == nullptr ? std::nullopt : std::optional<double>(summary->mean());
}

// Marks what held more than its peers, tells of it in `notes`, and leaves it out.
void leave_out_held_more(const std::vector<TableColumn>& columns, Peers& peers,
                         std::vector<std::string>& notes) {
  std::vector<std::optional<double>> held;
  for (const TableRow* row : peers) held.push_back(mean_of(*row, metric_names::kMeanCacheEntries));
  const std::vector<bool> more = held_more(held);
  KeptRange others;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (!more[i] && held[i]) others.add(*held[i]);
  }
  Peers rest;
  for (std::size_t i = 0; i < peers.size(); ++i) {
    if (!more[i]) {
      rest.push_back(peers[i]);
      continue;
    }
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (columns[c].metric == metric_names::kMeanCacheEntries) peers[i]->cells[c].held_more = true;
    }
    const CellGroup& group = *peers[i]->group;
    notes.push_back(group.where() + " (" + significant(*held[i], 3) +
                    (others.most > 0 ? " against " + others.text() : "") + ")");
  }
  peers = std::move(rest);
}

// Whether the rows can be ranked: `all` of the sparsity ran, and `peers` had equally much.
bool rankable(const Peers& all, const Peers& peers) {
  if (peers.size() < 2) return false;
  // Of those left out as well: while seeds are missing they may have been left out wrongly.
  for (const TableRow* row : all) {
    if (!row->group->complete()) return false;
  }
  KeptRange kept;
  KeptRange held;
  for (const TableRow* row : peers) {
    const std::optional<double> ratio = mean_of(*row, metric_names::kKeptRatio);
    if (!ratio) return false;
    kept.add(*ratio);
    if (const auto entries = mean_of(*row, metric_names::kMeanCacheEntries)) held.add(*entries);
  }
  return kept.alike() && held.alike();
}

// Columns that tests of the nll speak of, or of answers.
bool shows_loss(const TableColumn& column) {
  return column.header == "ppl" || column.header == "delta nll" || column.header == "bits/byte";
}
bool shows_answers(const TableColumn& column) {
  return column.header == "match" || column.header == "delta match";
}

// What tells the rows of `column` apart, where they are judged by `judge`: the tests of the loss or
// of answers, the metric's own, or its numbers alone (nullptr).
const ComparisonReport* tests_of(const TableColumn& column, const ComparisonReport& report,
                                 const Measure& judge) {
  if (const ComparisonReport* own = report.of_metric(column.metric)) return own;
  const bool is_judged = judge == Measure::kAnswers ? shows_answers(column) : shows_loss(column);
  return is_judged ? &report : nullptr;
}

// The row with the best number in column `c`; nullptr where one has none, as it might have been the
// best, and where all read alike.
const TableRow* best_of(std::size_t c, Direction direction, const Peers& rows) {
  const double sign = direction == Direction::kLowerIsBetter ? 1 : -1;
  const TableRow* best = rows.front();
  bool differ = false;
  for (const TableRow* row : rows) {
    const TableCell& cell = row->cells[c];
    if (!cell.value || !std::isfinite(*cell.value)) return nullptr;
    differ = differ || cell.text != rows.front()->cells[c].text;
    if (sign * *cell.value < sign * *best->cells[c].value) best = row;
  }
  return differ ? best : nullptr;
}

// Marks the best cell of every column in the rows, where methods are judged by it; returns whether
// any was.
bool mark_rows(const std::vector<TableColumn>& columns, const ComparisonReport& report,
               const Measure& judge, const Peers& rows) {
  bool marked = false;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].direction == Direction::kNeither) continue;
    const ComparisonReport* tests = tests_of(columns[c], report, judge);
    if (tests == nullptr && (shows_answers(columns[c]) || shows_loss(columns[c]))) continue;
    const TableRow* best = best_of(c, columns[c].direction, rows);
    if (best == nullptr) continue;
    for (TableRow* row : rows) {
      // Of what was tested, what the tests do not tell apart is as good; elsewhere what reads
      // alike.
      row->cells[c].best = tests != nullptr ? !beats(*best->group, *row->group, *tests)
                                            : row->cells[c].text == best->cells[c].text;
    }
    marked = true;
  }
  return marked;
}

// Marks the cells of `rows`, which are in the order of `groups`, sparsity by sparsity.
TableMarks mark_best(const std::vector<TableColumn>& columns, const ComparisonReport& report,
                     const std::vector<CellGroup>& groups, std::vector<TableRow>& rows) {
  TableMarks marks;
  std::size_t first = 0;
  while (first < rows.size()) {
    const CellGroup& group = *rows[first].group;
    std::size_t last = first;
    Peers all;
    while (last < rows.size() && rows[last].group->sparsity == group.sparsity &&
           rows[last].group->dataset == group.dataset &&
           rows[last].group->context_tokens == group.context_tokens) {
      if (rows[last].group->method != report.baseline) all.push_back(&rows[last]);
      ++last;
    }
    Peers peers = all;
    leave_out_held_more(columns, peers, marks.held_more);
    const Measure judge = judge_of(groups, group.dataset, group.context_tokens);
    if (rankable(all, peers)) {
      marks.ranked = mark_rows(columns, report, judge, peers) || marks.ranked;
    }
    first = last;
  }
  return marks;
}

// Writes `column` and its cell of every row.
template <typename MakeCell>
void add_column(const TableColumn& column, std::vector<TableColumn>& columns,
                std::vector<TableRow>& rows, MakeCell make_cell) {
  columns.push_back(column);
  for (TableRow& row : rows) row.cells.push_back(make_cell(row));
}

// The column of a metric, and its interval where it is a rate; returns whether it is.
bool add_metric(const MetricColumn& metric, const std::vector<CellGroup>& groups,
                std::vector<TableColumn>& columns, std::vector<TableRow>& rows) {
  const bool answers = metric.name == metric_names::kExactMatch;
  add_column({metric.header, metric.unit, Align::kRight, metric.direction, metric.name}, columns,
             rows, [&](const TableRow& row) {
               // By documents, as it is judged by; cells have it without the metric as well.
               return answers ? match_cell(*row.group)
                              : metric_cell(find_metric(row.metrics, metric.name), metric);
             });
  const RateSettings rates(groups, metric.name);
  if (!rates.any()) return false;
  add_column({"Wilson", "95 %", Align::kRight, Direction::kNeither}, columns, rows,
             [&](const TableRow& row) {
               return rates.has(*row.group) ? rate_cell(*row.group, metric.name) : TableCell();
             });
  return true;
}

// The comparison with the baseline: of answers, of the nll, p.
void add_comparison(const ComparisonReport& report, std::vector<TableColumn>& columns,
                    std::vector<TableRow>& rows) {
  const auto comparison = [&report](const TableRow& row) { return report.find(*row.group); };
  const bool answers = report.judges(Measure::kAnswers);
  if (answers) {
    add_column({"delta match", "points", Align::kRight, Direction::kHigherIsBetter}, columns, rows,
               [&](const TableRow& row) { return match_delta_cell(comparison(row)); });
  }
  if (report.judges(Measure::kNll) || !answers) {
    add_column({"delta nll", "nats/token", Align::kRight, Direction::kLowerIsBetter}, columns, rows,
               [&](const TableRow& row) { return delta_cell(comparison(row)); });
  }
  add_column({"p (Holm)", "", Align::kRight, Direction::kNeither}, columns, rows,
             [&](const TableRow& row) { return p_cell(comparison(row)); });
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

ResultsTable results_table(const std::vector<CellResult>& results, const ComparisonReport& report,
                           const std::vector<std::string>& columns) {
  const std::vector<CellGroup> groups = group_cells(results, report.baseline);
  std::vector<TableRow> rows;
  for (const CellGroup& group : groups) rows.push_back({&group, summarise_metrics(group), {}});
  const TableMetrics metrics = table_metrics(results, columns);

  ResultsTable table;
  add_column({"method", "", Align::kLeft, Direction::kNeither}, table.columns, rows,
             [](const TableRow& row) {
               return TableCell{row.group->method, {}, false};
             });
  add_column({amount_name(groups), "", Align::kRight, Direction::kNeither}, table.columns, rows,
             [](const TableRow& row) { return amount_cell(*row.group); });
  bool rates = false;
  for (const MetricColumn& metric : metrics.before) {
    rates = add_metric(metric, groups, table.columns, rows) || rates;
  }
  add_comparison(report, table.columns, rows);
  for (const MetricColumn& metric : metrics.after) {
    rates = add_metric(metric, groups, table.columns, rows) || rates;
  }

  const TableMarks marks = mark_best(table.columns, report, groups, rows);
  add_blocks(rows, table);
  table.notes = reading_notes(report, marks.ranked, amount_name(groups), marks.held_more);
  for (std::string& note : metric_notes(results, report, metrics)) {
    table.notes.push_back(std::move(note));
  }
  if (rates) table.notes.push_back(rate_note(false));
  table.failures = failures_of(groups);
  for (const Problem& finding : report.findings) table.findings.push_back(finding.text());
  return table;
}

}  // namespace pressroom
