#include "report/comparison/comparison_table.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <tuple>

#include "base/number_text.h"
#include "report/comparison/metric_text.h"
#include "report/table/rate_cells.h"
#include "report/table/standings.h"
#include "report/table/table_cells.h"
#include "results/metric_names.h"
#include "stats/question_tests.h"
#include "stats/verdict.h"

namespace pressroom {
namespace {

constexpr int kMostDecimals = 6;
constexpr std::size_t kHeldColumn = 3;

// What there is to show, and so which columns.
struct ShownColumns {
  bool nll = true;  // something is judged by it
  bool answers = false;
  bool held = false;  // entries on average were measured: the column kHeldColumn
  bool interpolated = false;
  RateSettings rates;            // where what is told of answers, or of `own`, is a rate
  const Measure* own = nullptr;  // compared by this metric alone
  std::string told;              // "sparsity", "budget"
};

TableCell text_cell(std::string text) { return {std::move(text), {}, false}; }

std::string number_text(const std::optional<double>& value, int digits) {
  return value ? significant(*value, digits) : "";
}

std::string signed_text(double value, int decimals) {
  std::string text = decimals > kMostDecimals ? significant(value, 3) : fixed(value, decimals);
  return value > 0 ? "+" + text : text;
}

// "+2.14 [+1.71, +2.57]": a change of perplexity in percent.
std::string percent_text(const Comparison& c) {
  if (c.test.n == 0 || c.judge != Measure::kNll) return "";
  const double percent = percent_of_ppl(c.test.mean);
  if (!c.test.ci95) return (percent > 0 ? "+" : "") + significant(percent, 3);
  const double low = percent_of_ppl(c.test.ci95->low);
  const double high = percent_of_ppl(c.test.ci95->high);
  const int decimals = percent_decimals(c, kMostDecimals + 1);
  return signed_text(percent, decimals) + " [" + signed_text(low, decimals) + ", " +
         signed_text(high, decimals) + "]";
}

// "-55 [-61, -49]": a change of exact match in points.
std::string points_text(const Comparison& c) {
  if (c.test.n == 0 || c.judge != Measure::kAnswers) return "";
  const double points = 100 * c.told();
  const std::optional<Interval> interval = c.told_ci95();
  if (!interval) return (points > 0 ? "+" : "") + significant(points, 3);
  const int decimals = percent_decimals(c, kMostDecimals + 1);
  return signed_text(points, decimals) + " [" + signed_text(100 * interval->low, decimals) + ", " +
         signed_text(100 * interval->high, decimals) + "]";
}

std::string both(const std::string& first, const std::string& second) {
  return first == second ? first : first + ", " + second;
}

template <typename Text>
std::string both(const CellGroup* first, const CellGroup* second, Text text) {
  return first == nullptr ? text(second) : both(text(first), text(second));
}

std::string kept_text(const CellGroup* group) {
  const std::optional<double> kept = measured(group).kept_ratio;
  return kept ? fixed(*kept, 3) : "";
}

std::string held_text(const CellGroup* group) { return number_text(measured(group).mean_held, 3); }

// " [74.2, 97.7]" behind a rate.
std::string with_interval(std::string text, const CellGroup* group, const ShownColumns& shown,
                          const std::string& metric) {
  if (group == nullptr || !shown.rates.has(*group)) return text;
  const std::string interval = rate_cell(*group, metric).text;
  return interval.empty() ? text : text + " " + interval;
}

std::string match_text(const CellGroup* group, const ShownColumns& shown) {
  const std::optional<double> share = measured(group).exact_match;
  const std::string text = share ? fixed(100 * *share, 1) : "";
  return with_interval(text, group, shown, metric_names::kExactMatch);
}

std::string ppl_text(const CellGroup* group) {
  return number_text(measured(group).token_weighted_ppl, 4);
}

ShownColumns shown_columns(const ComparisonView& view) {
  ShownColumns shown;
  shown.answers = view.report().judges(Measure::kAnswers);
  shown.nll = view.report().judges(Measure::kNll) || !shown.answers;
  for (const CellGroup& group : view.groups()) {
    const Measured numbers = measured(&group);
    shown.held = shown.held || numbers.mean_held;
    shown.interpolated = shown.interpolated || numbers.interpolated;
  }
  shown.told = amount_name(view.groups());
  shown.own = own_measure(view.report());
  const Measure& told = shown.own != nullptr ? *shown.own : Measure::kAnswers;
  if (shown.own != nullptr || shown.answers) shown.rates = RateSettings(view.groups(), told.name);
  return shown;
}

void add_loss_columns(const ShownColumns& shown, std::vector<TableColumn>& columns) {
  columns.push_back({"ppl", "by tokens"});
  if (shown.answers) {
    columns.push_back({"match", shown.rates.any() ? "% [Wilson 95 %]" : "%"});
    columns.push_back({"delta match", "points [95 %]"});
  }
  if (shown.nll) {
    columns.push_back({"delta ppl", "% [95 %]"});
    columns.push_back({"delta nll", "nats/token"});
  }
}

// `first`: the header of the names.
std::vector<TableColumn> comparison_columns(const std::string& first, const ShownColumns& shown) {
  std::vector<TableColumn> columns = {{first, "", Align::kLeft},
                                      {shown.told, ""},
                                      {"kept", shown.interpolated ? "interpolated" : "measured"}};
  if (shown.held) columns.push_back({"held", "mean"});
  if (shown.own != nullptr) {
    const std::string unit = head_unit(*shown.own);
    columns.push_back({shown.own->name, shown.rates.any() ? "[Wilson 95 %]" : unit});
    columns.push_back({"delta " + shown.own->name, (unit.empty() ? "" : unit + " ") + "[95 %]"});
  } else {
    add_loss_columns(shown, columns);
  }
  for (const char* header : {"p", "p (Holm)"}) columns.push_back({header, ""});
  if (shown.rates.any()) columns.push_back({"McNemar", "p (Holm)"});
  columns.push_back({"d_z", ""});
  columns.push_back({"verdict", "", Align::kLeft});
  return columns;
}

std::string value_text(const CellGroup* group, const ShownColumns& shown) {
  const std::string text = number_text(measured_by(*shown.own, group), 4);
  return with_interval(text, group, shown, shown.own->name);
}

// What add_loss_columns() heads; the differences stay empty for a baseline.
void add_losses(const Comparison* c, const CellGroup* first, const CellGroup& second,
                const ShownColumns& shown, std::vector<TableCell>& row) {
  row.push_back(text_cell(both(first, &second, ppl_text)));
  if (shown.answers) {
    row.push_back(text_cell(
        both(first, &second, [&](const CellGroup* group) { return match_text(group, shown); })));
    row.push_back(c == nullptr ? TableCell() : text_cell(points_text(*c)));
  }
  if (shown.nll) {
    row.push_back(c == nullptr ? TableCell() : text_cell(percent_text(*c)));
    row.push_back(c != nullptr && c->test.n > 0 ? delta_cell(c) : TableCell());
  }
}

// The metric of `second`, of both sides where `first` is given, and its change.
void add_metric(const Comparison* c, const CellGroup* first, const CellGroup& second,
                const ShownColumns& shown, std::vector<TableCell>& row) {
  row.push_back(text_cell(
      both(first, &second, [&](const CellGroup* group) { return value_text(group, shown); })));
  row.push_back(c == nullptr ? TableCell() : text_cell(metric_change_text(*c)));
}

// The row of `second`; of both sides where `first` is given. `c` is nullptr for a baseline, whose
// row ends with what was measured.
std::vector<TableCell> comparison_row(const std::string& name, const Comparison* c,
                                      const CellGroup* first, const CellGroup& second,
                                      const ShownColumns& shown, const ComparisonReport& report) {
  std::vector<TableCell> row = {text_cell(name), amount_cell(second),
                                text_cell(both(first, &second, kept_text))};
  if (shown.held) row.push_back(text_cell(both(first, &second, held_text)));
  if (shown.own != nullptr) {
    add_metric(c, first, second, shown, row);
  } else {
    add_losses(c, first, second, shown, row);
  }
  if (c == nullptr) {
    row.resize(comparison_columns("", shown).size());
    return row;
  }
  row.push_back(text_cell(number_text(c->test.p, 2)));
  row.push_back(c->p_holm ? p_cell(c) : TableCell());
  if (shown.rates.any()) row.push_back(mcnemar_cell(*c));
  // As delta match: more right answers are above zero.
  const bool turn = c->judge.turns();
  row.push_back(text_cell(number_text(turned(c->more.effect.cohen_dz, turn), 3)));
  row.push_back(text_cell(verdict(*c, report.margin_of(c->judge))));
  return row;
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
  const ShownColumns shown = shown_columns(view);
  FamilyTable family = {"against " + report.baseline, {}};
  family.table.columns = comparison_columns("method", shown);
  const std::vector<bool> more = held_more(view.groups(), report.baseline);
  for (std::size_t i = 0; i < more.size(); ++i) {
    const CellGroup& group = view.groups()[i];
    const Comparison* c = report.find(group);
    if (c == nullptr && group.method != report.baseline) continue;
    if (report.leaves_out(group)) continue;
    std::vector<TableCell> row = comparison_row(group.method, c, nullptr, group, shown, report);
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
            comparison_row(c.first + " -> " + c.second, &c, first, *second, shown, view.report()),
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
  const std::optional<Measure>& measure = view.report().measure;
  for (FamilyTable& family : tables.families) {
    if (measure) family.of = measure->name;
    if (measure) family.title = measure->name + " " + family.title;
  }
  return tables;
}

ComparisonTables comparison_tables(const std::vector<ComparisonView>& views, bool pairs) {
  ComparisonTables all = comparison_tables(views.front(), pairs);
  for (std::size_t i = 1; i < views.size(); ++i) {
    ComparisonTables more = comparison_tables(views[i], pairs);
    for (FamilyTable& family : more.families) all.families.push_back(std::move(family));
    for (std::string& note : more.notes) {
      const bool is_said = std::find(all.notes.begin(), all.notes.end(), note) != all.notes.end();
      if (!is_said) all.notes.push_back(std::move(note));
    }
  }
  return all;
}

}  // namespace pressroom
