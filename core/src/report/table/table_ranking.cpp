#include "report/table/table_ranking.h"

#include <cmath>
#include <optional>
#include <utility>

#include "base/number_text.h"
#include "report/table/held_more.h"
#include "report/table/kept_range.h"
#include "report/table/standings.h"

namespace pressroom {
namespace {

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
  for (const TableRow* row : peers) held.push_back(mean_of(*row, "mean_cache_entries"));
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
      if (columns[c].header == "held" && columns[c].unit == "mean") {
        peers[i]->cells[c].held_more = true;
      }
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
  for (const TableRow* row : all) {
    if (!row->group->complete()) return false;
  }
  KeptRange kept;
  KeptRange held;
  for (const TableRow* row : peers) {
    const std::optional<double> ratio = mean_of(*row, "kept_ratio");
    if (!ratio) return false;
    kept.add(*ratio);
    if (const auto entries = mean_of(*row, "mean_cache_entries")) held.add(*entries);
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

// Marks the best cell of every column in the rows, where methods are judged by it; returns whether
// any was.
bool mark_rows(const std::vector<TableColumn>& columns, const ComparisonReport& report, Judge judge,
               const Peers& rows) {
  bool marked = false;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (columns[c].direction == Direction::kNeither) continue;
    const bool is_judged =
        judge == Judge::kAnswers ? shows_answers(columns[c]) : shows_loss(columns[c]);
    if (!is_judged && (shows_answers(columns[c]) || shows_loss(columns[c]))) continue;
    const double sign = columns[c].direction == Direction::kLowerIsBetter ? 1 : -1;
    const TableRow* best = rows.front();
    bool differ = false;
    bool all_known = true;
    for (const TableRow* row : rows) {
      const TableCell& cell = row->cells[c];
      all_known = all_known && cell.value && std::isfinite(*cell.value);
      if (!all_known) break;
      differ = differ || cell.text != rows.front()->cells[c].text;
      if (sign * *cell.value < sign * *best->cells[c].value) best = row;
    }
    if (!all_known || !differ) continue;
    for (TableRow* row : rows) {
      row->cells[c].best = is_judged ? !beats(*best->group, *row->group, report)
                                     : row->cells[c].text == best->cells[c].text;
    }
    marked = true;
  }
  return marked;
}

}  // namespace

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
    const Judge judge = judge_of(groups, group.dataset, group.context_tokens);
    if (rankable(all, peers)) {
      marks.ranked = mark_rows(columns, report, judge, peers) || marks.ranked;
    }
    first = last;
  }
  return marks;
}

}  // namespace pressroom
