#include "report/comparison/comparison_columns.h"

#include "base/number_text.h"
#include "report/table/table_cells.h"
#include "stats/verdict.h"

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

// "+2.14 [+1.71, +2.57]": a change of perplexity in percent.
std::string percent_text(const Comparison& c) {
  if (c.test.n == 0 || c.judge != Judge::kNll) return "";
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
  if (c.test.n == 0 || c.judge != Judge::kAnswers) return "";
  const double points = 100 * c.match_difference();
  const std::optional<Interval> interval = c.match_ci95();
  if (!interval) return (points > 0 ? "+" : "") + significant(points, 3);
  const int decimals = percent_decimals(c, kMostDecimals + 1);
  return signed_text(points, decimals) + " [" + signed_text(100 * interval->low, decimals) + ", " +
         signed_text(100 * interval->high, decimals) + "]";
}

std::string both(const std::string& first, const std::string& second) {
  return first == second ? first : first + ", " + second;
}

std::string both(const CellGroup* first, const CellGroup* second,
                 std::string (*text)(const CellGroup*)) {
  return first == nullptr ? text(second) : both(text(first), text(second));
}

std::string kept_text(const CellGroup* group) {
  const std::optional<double> kept = measured(group).kept_ratio;
  return kept ? fixed(*kept, 3) : "";
}

std::string held_text(const CellGroup* group) { return number_text(measured(group).mean_held, 3); }

std::string match_text(const CellGroup* group) {
  const std::optional<double> share = measured(group).exact_match;
  return share ? fixed(100 * *share, 1) : "";
}

std::string ppl_text(const CellGroup* group) {
  return number_text(measured(group).token_weighted_ppl, 4);
}

}  // namespace

ShownColumns shown_columns(const ComparisonView& view) {
  ShownColumns shown;
  shown.answers = view.report().judges(Judge::kAnswers);
  shown.nll = view.report().judges(Judge::kNll) || !shown.answers;
  for (const CellGroup& group : view.groups()) {
    const Measured numbers = measured(&group);
    shown.held = shown.held || numbers.mean_held;
    shown.interpolated = shown.interpolated || numbers.interpolated;
  }
  shown.told = amount_name(view.groups());
  return shown;
}

std::vector<TableColumn> comparison_columns(const std::string& first, const ShownColumns& shown) {
  std::vector<TableColumn> columns = {{first, "", Align::kLeft},
                                      {shown.told, ""},
                                      {"kept", shown.interpolated ? "interpolated" : "measured"}};
  if (shown.held) columns.push_back({"held", "mean"});
  columns.push_back({"ppl", "by tokens"});
  if (shown.answers) {
    columns.push_back({"match", "%"});
    columns.push_back({"delta match", "points [95 %]"});
  }
  if (shown.nll) {
    columns.push_back({"delta ppl", "% [95 %]"});
    columns.push_back({"delta nll", "nats/token"});
  }
  for (const char* header : {"p", "p (Holm)", "d_z"}) columns.push_back({header, ""});
  columns.push_back({"verdict", "", Align::kLeft});
  return columns;
}

std::vector<TableCell> comparison_row(const std::string& name, const Comparison* c,
                                      const CellGroup* first, const CellGroup& second,
                                      const ShownColumns& shown, double margin) {
  std::vector<TableCell> row = {text_cell(name), amount_cell(second),
                                text_cell(both(first, &second, kept_text))};
  if (shown.held) row.push_back(text_cell(both(first, &second, held_text)));
  row.push_back(text_cell(both(first, &second, ppl_text)));
  if (shown.answers) {
    row.push_back(text_cell(both(first, &second, match_text)));
    row.push_back(c == nullptr ? TableCell() : text_cell(points_text(*c)));
  }
  if (c == nullptr) {
    row.resize(comparison_columns("", shown).size());
    return row;
  }
  if (shown.nll) {
    row.push_back(text_cell(percent_text(*c)));
    row.push_back(c->test.n > 0 ? delta_cell(c) : TableCell());
  }
  row.push_back(text_cell(number_text(c->test.p, 2)));
  row.push_back(c->p_holm ? p_cell(c) : TableCell());
  std::optional<double> effect = c->more.effect.cohen_dz;
  if (effect && c->judge == Judge::kAnswers) effect = 0 - *effect;  // as delta match
  row.push_back(text_cell(number_text(effect, 3)));
  row.push_back(text_cell(verdict(*c, margin)));
  return row;
}

}  // namespace pressroom
