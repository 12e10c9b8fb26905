#include <optional>
#include <utility>

#include "base/number_text.h"
#include "base/strings.h"
#include "report/comparison/comparison_formats.h"
#include "report/comparison/metric_text.h"
#include "report/table/rate_cells.h"
#include "stats/significance.h"
#include "stats/verdict.h"

namespace pressroom {
namespace {

using MetricFields = std::vector<std::pair<const char*, std::string>>;

std::string end_of(const std::optional<Interval>& interval, double Interval::*end) {
  return interval ? exact((*interval).*end) : "";
}

std::optional<double> if_known(bool is_known, double value) {
  return is_known ? std::optional<double>(value) : std::nullopt;
}

void add_sides(const Family& family, const Comparison& c, const ComparisonView& view,
               MetricFields& fields) {
  const Measured first = measured(view.first(c));
  const Measured second = measured(view.second(c));
  fields = {{"family", family.name},
            {"name", c.name},
            {"metric", c.judge.name},
            {"unit", c.judge.unit},
            {"better", c.judge.better()},
            {"first", c.first},
            {"second", c.second},
            {"sparsity", exact(c.sparsity)},
            {"budget_tokens", std::to_string(c.budget_tokens)},
            {"dataset", c.dataset},
            {"context_tokens", std::to_string(c.context_tokens)},
            {"first_kept_ratio", csv_number(first.kept_ratio)},
            {"second_kept_ratio", csv_number(second.kept_ratio)},
            {"first_value", csv_number(measured_by(c.judge, view.first(c)))},
            {"second_value", csv_number(measured_by(c.judge, view.second(c)))}};
}

void add_tests(const Comparison& c, double margin, MetricFields& fields) {
  const bool turn = c.judge.turns();
  const PairTests& tests = c.more;
  const Equivalence& same = tests.equivalence;
  const std::optional<Interval> interval = c.told_ci95();
  const bool bootstrapped = c.judge != Measure::kAnswers;
  const std::optional<Interval> resampled =
      bootstrapped ? turned(tests.bootstrap_ci95, turn) : std::nullopt;
  const MetricFields more = {
      {"status", to_string(c.status)},
      {"n_documents", std::to_string(c.test.n)},
      {"delta", csv_number(if_known(c.test.n > 0, c.told()))},
      {"delta_ci95_low", end_of(interval, &Interval::low)},
      {"delta_ci95_high", end_of(interval, &Interval::high)},
      {"delta_sd", csv_number(if_known(c.test.n > 1, c.test.sd))},
      {"t_statistic", csv_number(turned(c.test.t, turn))},
      {"df", csv_number(if_known(c.test.t.has_value(), c.test.df))},
      {"p_value", csv_number(c.test.p)},
      {"p_adjusted", csv_number(c.p_holm)},
      {"stars", stars(c.p_holm)},
      {"deterministic", c.test.deterministic ? "true" : "false"},
      {"wilcoxon_statistic",
       csv_number(if_known(tests.wilcoxon.p.has_value(), tests.wilcoxon.statistic))},
      {"wilcoxon_p", csv_number(tests.wilcoxon.p)},
      {"wilcoxon_method", to_string(tests.wilcoxon.method)},
      {"wilcoxon_n", std::to_string(tests.wilcoxon.n)},
      {"bootstrap_ci95_low", end_of(resampled, &Interval::low)},
      {"bootstrap_ci95_high", end_of(resampled, &Interval::high)},
      {"cohen_dz", csv_number(turned(tests.effect.cohen_dz, turn))},
      {"hedges_gz", csv_number(turned(tests.effect.hedges_gz, turn))},
      {"margin", csv_number(if_known(margin > 0, margin))},
      {"equivalence_t_lower", csv_number(turned(turn ? same.t_upper : same.t_lower, turn))},
      {"equivalence_t_upper", csv_number(turned(turn ? same.t_lower : same.t_upper, turn))},
      {"equivalence_p", csv_number(same.p)},
      {"equivalence_p_adjusted", csv_number(tests.p_equivalence_holm)},
      {"documents_needed", tests.documents_needed ? std::to_string(*tests.documents_needed) : ""},
      {"partial", c.partial},
      {"reason", c.reason},
      {"verdict", verdict(c, margin)}};
  fields.insert(fields.end(), more.begin(), more.end());
}

MetricFields metric_fields(const Family& family, const Comparison& c, const ComparisonView& view) {
  MetricFields fields;
  add_sides(family, c, view, fields);
  add_tests(c, view.report().margin_of(c.judge), fields);
  const MetricFields questions = question_fields(c);
  fields.insert(fields.end(), questions.begin(), questions.end());
  return fields;
}

template <typename Part>
std::string metric_line(const MetricFields& fields, Part part) {
  std::vector<std::string> words;
  for (const auto& entry : fields) words.push_back(part(entry));
  return csv_line(words);
}

}  // namespace

std::string metrics_csv(const std::vector<ComparisonView>& views) {
  std::string text;
  for (const ComparisonView& view : views) {
    if (text.empty()) {
      text = metric_line(metric_fields(Family(), Comparison(), view),
                         [](const auto& entry) { return entry.first; });
    }
    for (const Family* family : view.families()) {
      for (const Comparison& c : family->comparisons) {
        text += metric_line(metric_fields(*family, c, view),
                            [](const auto& entry) { return entry.second; });
      }
    }
  }
  return text;
}

}  // namespace pressroom
