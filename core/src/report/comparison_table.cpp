#include "report/comparison_table.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "report/comparison_notes.h"
#include "report/table_cells.h"
#include "stats/verdict.h"
#include "text/number_text.h"

namespace pressroom {
namespace {

constexpr int kMostDecimals = 6;

TableCell text_cell(std::string text) { return {std::move(text), {}, false}; }

std::string number_text(const std::optional<double>& value, int digits) {
  return value ? significant(*value, digits) : "";
}

std::string signed_text(double value, int decimals) {
  std::string text = decimals > kMostDecimals ? significant(value, 3) : fixed(value, decimals);
  return value > 0 ? "+" + text : text;
}

// "+2.14 [+1.71, +2.57]"
std::string percent_text(const Comparison& c) {
  if (c.test.n == 0) return "";
  const double percent = percent_of_ppl(c.test.mean);
  if (!c.test.ci95) return (percent > 0 ? "+" : "") + significant(percent, 3);
  const double low = percent_of_ppl(c.test.ci95->low);
  const double high = percent_of_ppl(c.test.ci95->high);
  const int decimals = percent_decimals(c, kMostDecimals + 1);
  return signed_text(percent, decimals) + " [" + signed_text(low, decimals) + ", " +
         signed_text(high, decimals) + "]";
}

std::vector<TableColumn> columns_of(const std::string& first, const ComparisonView& view) {
  const bool interpolated =
      std::any_of(view.groups().begin(), view.groups().end(),
                  [](const CellGroup& group) { return measured(&group).interpolated; });
  return {{first, "", Align::kLeft},
          {"sparsity", ""},
          {"kept", interpolated ? "interpolated" : "measured"},
          {"ppl", "by tokens"},
          {"delta ppl", "% [95 %]"},
          {"delta nll", "nats/token"},
          {"p", ""},
          {"p (Holm)", ""},
          {"d_z", ""},
          {"verdict", "", Align::kLeft}};
}

std::string both(const std::string& first, const std::string& second) {
  return first == second ? first : first + ", " + second;
}

std::string kept_text(const CellGroup* group) {
  const std::optional<double> kept = measured(group).kept_ratio;
  return kept ? fixed(*kept, 3) : "";
}

std::string ppl_text(const CellGroup* group) {
  return number_text(measured(group).token_weighted_ppl, 4);
}

std::vector<TableCell> row_of(const std::string& name, const Comparison& c, const std::string& kept,
                              const std::string& ppl, double margin) {
  return {text_cell(name),
          sparsity_cell(c.sparsity),
          text_cell(kept),
          text_cell(ppl),
          text_cell(percent_text(c)),
          c.test.n > 0 ? delta_cell(&c) : TableCell(),
          text_cell(number_text(c.test.p, 2)),
          c.p_holm ? p_cell(&c) : TableCell(),
          text_cell(number_text(c.more.effect.cohen_dz, 3)),
          text_cell(verdict(c, margin))};
}

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
  FamilyTable family = {"against " + report.baseline, {}};
  family.table.columns = columns_of("method", view);
  for (const CellGroup& group : view.groups()) {
    if (group.method == report.baseline) {
      std::vector<TableCell> row(family.table.columns.size());
      row[0] = text_cell(group.method);
      row[1] = sparsity_cell(group.sparsity);
      row[2] = text_cell(kept_text(&group));
      row[3] = text_cell(ppl_text(&group));
      add_row(title_of(group), std::move(row), family.table);
    } else if (const Comparison* c =
                   report.find(group.method, group.sparsity, group.dataset, group.context_tokens)) {
      add_row(title_of(group),
              row_of(group.method, *c, kept_text(&group), ppl_text(&group), report.margin),
              family.table);
    }
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
  result.table.columns = columns_of("comparison", view);
  for (const Comparison* shown : by_place(family)) {
    const Comparison& c = *shown;
    const CellGroup* first = view.first(c);
    const CellGroup* second = view.second(c);
    if (second == nullptr) continue;
    add_row(title_of(*second),
            row_of(c.first + " -> " + c.second, c, both(kept_text(first), kept_text(second)),
                   both(ppl_text(first), ppl_text(second)), view.report().margin),
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
  tables.failures = view.failures();
  for (const Problem& finding : view.report().findings) tables.findings.push_back(finding.text());
  return tables;
}

}  // namespace pressroom
