#include "report/comparison/comparison_table.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "report/comparison/comparison_columns.h"
#include "report/comparison/comparison_notes.h"
#include "report/table/failures.h"
#include "report/table/held_more.h"

namespace pressroom {
namespace {

std::string title_of(const CellGroup& group) {
  const std::string title = group.dataset + ", context " + std::to_string(group.context_tokens);
  return group.protocol == "stream" ? title : title + ", " + group.protocol;
}

void add_row(const std::string& title, std::vector<TableCell> row, ResultsTable& table) {
  if (table.blocks.empty() || table.blocks.back().title != title) {
    table.blocks.push_back({title, {}});
  }
  table.blocks.back().rows.push_back(std::move(row));
}

FamilyTable baseline_table(const ComparisonView& view) {
  const ComparisonReport& report = view.report();
  const ShownColumns shown = shown_columns(view);
  FamilyTable family = {"against " + report.baseline, {}};
  family.table.columns = comparison_columns("method", shown);
  const std::vector<bool> more = held_more(view.groups(), report.baseline);
  for (std::size_t i = 0; i < more.size(); ++i) {
    const CellGroup& group = view.groups()[i];
    const Comparison* c =
        report.find(group.method, group.sparsity, group.dataset, group.context_tokens);
    if (c == nullptr && group.method != report.baseline) continue;
    std::vector<TableCell> row =
        comparison_row(group.method, c, nullptr, group, shown, report.margin);
    if (more[i]) row[kHeldColumn].held_more = true;
    add_row(title_of(group), std::move(row), family.table);
  }
  return family;
}

// Those of one place and sparsity together; datasets in the order they first appear.
std::vector<const Comparison*> by_place(const Family& family) {
  std::map<std::string, std::size_t> datasets;
  std::vector<const Comparison*> sorted;
  for (const Comparison& c : family.comparisons) {
    datasets.emplace(c.dataset, datasets.size());
    sorted.push_back(&c);
  }
  const auto key = [&datasets](const Comparison* c) {
    return std::make_tuple(datasets.at(c->dataset), c->context_tokens, c->sparsity);
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&key](const auto* a, const auto* b) { return key(a) < key(b); });
  return sorted;
}

// Of comparisons of which either side can be any method.
FamilyTable pair_table(const ComparisonView& view, const Family& family, const std::string& title) {
  FamilyTable result = {title, {}};
  const ShownColumns shown = shown_columns(view);
  result.table.columns = comparison_columns("comparison", shown);
  for (const Comparison* comparison : by_place(family)) {
    const Comparison& c = *comparison;
    const CellGroup* first = view.first(c);
    const CellGroup* second = view.second(c);
    if (second == nullptr) continue;
    add_row(title_of(*second),
            comparison_row(c.first + " -> " + c.second, &c, first, *second, shown,
                           view.report().margin),
            result.table);
  }
  return result;
}

}  // namespace

ComparisonTables comparison_tables(const ComparisonView& view, bool pairs) {
  ComparisonTables tables;
  tables.heads = view.heads();
  tables.families.push_back(baseline_table(view));
  if (!view.changes().comparisons.empty()) {
    tables.families.push_back(pair_table(view, view.changes(), "what changed between campaigns"));
  }
  if (pairs) {
    tables.families.push_back(
        pair_table(view, view.report().pairwise, "methods against each other"));
  }
  tables.notes = comparison_notes(view, pairs);
  tables.failures = failures_of(view.groups(), /*not_run=*/false);
  for (const Problem& finding : view.report().findings) tables.findings.push_back(finding.text());
  return tables;
}

}  // namespace pressroom
