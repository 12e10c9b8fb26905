#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/number_text.h"
#include "base/strings.h"
#include "report/comparison/comparison_formats.h"
#include "report/comparison/metric_text.h"
#include "report/table/rate_cells.h"
#include "report/table/significance_json.h"
#include "results/metric_names.h"
#include "stats/significance.h"
#include "stats/verdict.h"

namespace pressroom {
namespace {

using Fields = std::vector<std::pair<const char*, std::string>>;

std::string low(const std::optional<Interval>& interval) {
  return interval ? exact(interval->low) : "";
}

std::string high(const std::optional<Interval>& interval) {
  return interval ? exact(interval->high) : "";
}

std::optional<double> known(bool is_known, double value) {
  return is_known ? std::optional<double>(value) : std::nullopt;
}

// What came after the first versions, so that columns stay where they are.
void add_judgement(const Comparison& c, const ComparisonView& view, Fields& fields) {
  const Measured first = measured(view.first(c));
  const Measured second = measured(view.second(c));
  const bool known_match = c.judge == Measure::kAnswers && c.test.n > 0;
  const std::optional<Interval> interval = known_match ? c.told_ci95() : std::nullopt;
  const Fields more = {{"budget_tokens", std::to_string(c.budget_tokens)},
                       {"judged_by", c.judge.name},
                       {"first_exact_match", csv_number(first.exact_match)},
                       {"second_exact_match", csv_number(second.exact_match)},
                       {"delta_exact_match", csv_number(known(known_match, c.told()))},
                       {"delta_exact_match_ci95_low", low(interval)},
                       {"delta_exact_match_ci95_high", high(interval)},
                       {"first_mean_cache_entries", csv_number(first.mean_held)},
                       {"second_mean_cache_entries", csv_number(second.mean_held)},
                       {"first_peak_cache_entries", csv_number(first.peak_held)},
                       {"second_peak_cache_entries", csv_number(second.peak_held)}};
  fields.insert(fields.end(), more.begin(), more.end());
  const Fields questions = question_fields(c);
  fields.insert(fields.end(), questions.begin(), questions.end());
}

void add_what_is_compared(const Family& family, const Comparison& c, const ComparisonView& view,
                          Fields& fields) {
  const Measured first = measured(view.first(c));
  const Measured second = measured(view.second(c));
  const Fields more = {{"family", family.name},
                       {"name", c.name},
                       {"first", c.first},
                       {"second", c.second},
                       {"sparsity", exact(c.sparsity)},
                       {"dataset", c.dataset},
                       {"context_tokens", std::to_string(c.context_tokens)},
                       {"first_kept_ratio", csv_number(first.kept_ratio)},
                       {"second_kept_ratio", csv_number(second.kept_ratio)},
                       {"first_interpolated", first.interpolated ? "true" : "false"},
                       {"second_interpolated", second.interpolated ? "true" : "false"},
                       {"first_ppl_token_weighted", csv_number(first.token_weighted_ppl)},
                       {"second_ppl_token_weighted", csv_number(second.token_weighted_ppl)},
                       {"first_ppl_document_weighted", csv_number(first.document_weighted_ppl)},
                       {"second_ppl_document_weighted", csv_number(second.document_weighted_ppl)}};
  fields.insert(fields.end(), more.begin(), more.end());
}

void add_paired_t(const Comparison& c, Fields& fields) {
  const bool is_known = c.test.n > 0;
  const std::optional<Interval> ratio = c.ppl_ratio_ci95();
  const PairedTest& nll = c.nll();
  const Fields more = {{"status", to_string(c.status)},
                       {"n_documents", std::to_string(c.test.n)},
                       {"delta_nll_nats", csv_number(known(is_known, nll.mean))},
                       {"delta_nll_ci95_low", low(nll.ci95)},
                       {"delta_nll_ci95_high", high(nll.ci95)},
                       {"delta_nll_sd", csv_number(known(nll.n > 1, nll.sd))},
                       {"ppl_ratio", csv_number(known(is_known, c.ppl_ratio()))},
                       {"ppl_ratio_ci95_low", low(ratio)},
                       {"ppl_ratio_ci95_high", high(ratio)},
                       {"t_statistic", csv_number(turned(c.test.t, c.judge != Measure::kNll))},
                       {"df", csv_number(known(c.test.t.has_value(), c.test.df))},
                       {"p_value", csv_number(c.test.p)},
                       {"p_adjusted", csv_number(c.p_holm)},
                       {"stars", stars(c.p_holm)},
                       {"deterministic", c.test.deterministic ? "true" : "false"}};
  fields.insert(fields.end(), more.begin(), more.end());
}

void add_other_tests(const Comparison& c, double margin, Fields& fields) {
  const PairTests& tests = c.more;
  const bool by_nll = c.judge == Measure::kNll;
  const Wilcoxon& ranks = tests.wilcoxon;
  const SeedTests& seeds = c.over_seeds;
  const Fields more = {
      {"wilcoxon_statistic", csv_number(known(ranks.p.has_value(), ranks.statistic))},
      {"wilcoxon_p", csv_number(ranks.p)},
      {"wilcoxon_method", to_string(ranks.method)},
      {"wilcoxon_n", std::to_string(ranks.n)},
      {"delta_nll_token_weighted", csv_number(known(by_nll && c.test.n > 0, tests.token_weighted))},
      {"bootstrap_ci95_low", by_nll ? low(tests.bootstrap_ci95) : ""},
      {"bootstrap_ci95_high", by_nll ? high(tests.bootstrap_ci95) : ""},
      {"cohen_dz", csv_number(turned(tests.effect.cohen_dz, !by_nll))},
      {"hedges_gz", csv_number(turned(tests.effect.hedges_gz, !by_nll))},
      {"margin", exact(margin)},
      {"equivalence_t_lower",
       csv_number(turned(by_nll ? tests.equivalence.t_lower : tests.equivalence.t_upper, !by_nll))},
      {"equivalence_t_upper",
       csv_number(turned(by_nll ? tests.equivalence.t_upper : tests.equivalence.t_lower, !by_nll))},
      {"equivalence_p", csv_number(tests.equivalence.p)},
      {"equivalence_p_adjusted", csv_number(tests.p_equivalence_holm)},
      {"documents_needed", tests.documents_needed ? std::to_string(*tests.documents_needed) : ""},
      {"n_seeds", std::to_string(seeds.seeds)},
      {"seeds_deterministic", seeds.deterministic ? "true" : "false"},
      {"seeds_mean_difference_ppl", csv_number(known(seeds.seeds > 0, seeds.mean_difference_ppl))},
      {"seeds_paired_t", csv_number(seeds.paired.t)},
      {"seeds_paired_p", csv_number(seeds.paired.p)},
      {"seeds_welch_t", csv_number(seeds.welch.t)},
      {"seeds_welch_df", csv_number(seeds.welch.df)},
      {"seeds_welch_p", csv_number(seeds.welch.p)}};
  fields.insert(fields.end(), more.begin(), more.end());
}

Fields fields_of(const Family& family, const Comparison& c, const ComparisonView& view) {
  const double margin = view.report().margin_of(c.judge);
  Fields fields;
  add_what_is_compared(family, c, view, fields);
  add_paired_t(c, fields);
  add_other_tests(c, margin, fields);
  fields.emplace_back("partial", c.partial);
  fields.emplace_back("reason", c.reason);
  fields.emplace_back("verdict", verdict(c, margin));
  add_judgement(c, view, fields);
  return fields;
}

template <typename Part>
std::string line_of(const Fields& fields, Part part) {
  std::vector<std::string> words;
  for (const auto& entry : fields) words.push_back(part(entry));
  return csv_line(words);
}

}  // namespace

std::string comparison_csv(const ComparisonView& view) {
  std::string text = line_of(fields_of(Family(), Comparison(), view),
                             [](const auto& entry) { return entry.first; });
  for (const Family* family : view.families()) {
    for (const Comparison& c : family->comparisons) {
      text += line_of(fields_of(*family, c, view), [](const auto& entry) { return entry.second; });
    }
  }
  return text;
}

namespace {

using Json = nlohmann::ordered_json;

Json side_json(const std::string& method, const CellGroup* group) {
  const Measured side = measured(group);
  return {{"method", method},
          {metric_names::kKeptRatio, json_number(side.kept_ratio)},
          {metric_names::kMeanCacheEntries, json_number(side.mean_held)},
          {metric_names::kPeakCacheEntries, json_number(side.peak_held)},
          {metric_names::kExactMatch, json_number(side.exact_match)},
          {"interpolated", side.interpolated},
          {"ppl_token_weighted", json_number(side.token_weighted_ppl)},
          {"ppl_document_weighted", json_number(side.document_weighted_ppl)}};
}

Json family_json(const Family& family, const ComparisonView& view) {
  const ComparisonReport& report = view.report();
  const std::optional<Measure>& measure = report.measure;
  Json comparisons = Json::array();
  for (const Comparison& c : family.comparisons) {
    Json one = {{"dataset", c.dataset},
                {"context_tokens", c.context_tokens},
                {"sparsity", c.sparsity},
                {"budget_tokens", c.budget_tokens},
                {"first", side_json(c.first, view.first(c))},
                {"second", side_json(c.second, view.second(c))}};
    if (measure) {
      one["first"]["value"] = json_number(measured_by(*measure, view.first(c)));
      one["second"]["value"] = json_number(measured_by(*measure, view.second(c)));
    }
    one.update(delta_json(c, report.margin_of(c.judge)));
    // As it is told: exact match falls where wrong answers, which are tested, rise.
    one["t_statistic"] = json_number(turned(c.test.t, c.judge.turns()));
    one["df"] = c.test.t ? Json(c.test.df) : Json(nullptr);
    one["sd"] = json_number(c.test.sd);
    comparisons.push_back(std::move(one));
  }
  Json json = {{"name", family.name}, {"tests", family.tests()}};
  if (measure) {
    const double margin = report.margin_of(*measure);
    json["metric"] = measure->name;
    json["unit"] = measure->unit;
    json["better"] = measure->better();
    json["margin"] = margin > 0 ? Json(margin) : Json(nullptr);
  }
  json["comparisons"] = std::move(comparisons);
  return json;
}

}  // namespace

Json comparison_json(const std::vector<ComparisonView>& views) {
  Json json = comparison_json(views.front());
  json["families"] = Json::array();
  for (const ComparisonView& view : views) {
    for (const Family* family : view.families()) {
      json["families"].push_back(family_json(*family, view));
    }
  }
  return json;
}

Json comparison_json(const ComparisonView& view) {
  const ComparisonReport& report = view.report();
  Json json = {{"schema", "pressroom.comparison/1"},
               {"baseline", report.baseline},
               {"margin", report.margin},
               {"campaigns", view.merged().names},
               {"heads", view.heads()},
               {"notes", view.notes()},
               {"families", Json::array()},
               {"failures", view.failures()},
               {"findings", Json::array()}};
  for (const Family* family : view.families()) {
    json["families"].push_back(family_json(*family, view));
  }
  for (const Problem& finding : report.findings) json["findings"].push_back(finding.text());
  return json;
}

}  // namespace pressroom
