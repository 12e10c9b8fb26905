#include "report/table/significance_json.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "base/number_text.h"
#include "stats/significance.h"
#include "stats/verdict.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

enum class Orientation {
  kSecondMinusFirst,  // above zero: what the second costs
  kFirstMinusSecond,  // as the names of tests read
};

Json interval_json(const std::optional<Interval>& value) {
  return value ? Json::array({json_number(value->low), json_number(value->high)}) : Json(nullptr);
}

Json wilcoxon_json(const Wilcoxon& test) {
  return {{"statistic", test.p ? Json(test.statistic) : Json(nullptr)},
          {"p_value", json_number(test.p)},
          {"method", to_string(test.method)},
          {"n", test.n},
          {"zeros", test.zeros},
          {"ties", test.ties}};
}

Json equivalence_json(const PairTests& tests, double margin, const Measure& judge, bool turn) {
  const Equivalence& test = tests.equivalence;
  const bool by_nll = judge == Measure::kNll;
  Json json = {{"margin", margin},
               {"bound_nats", by_nll ? Json(test.bound_nats) : Json(nullptr)},
               {"t_lower", json_number(turned(turn ? test.t_upper : test.t_lower, turn))},
               {"t_upper", json_number(turned(turn ? test.t_lower : test.t_upper, turn))},
               {"p_value", json_number(test.p)},
               {"p_adjusted", json_number(tests.p_equivalence_holm)}};
  if (!by_nll) json["bound_exact_match"] = test.bound_nats;
  return json;
}

// Always first minus second, in perplexity: the generation study's orientation and unit.
Json seeds_json(const SeedTests& tests) {
  return {
      {"n_seeds", tests.seeds},
      {"deterministic", tests.deterministic},
      {"mean_difference_ppl", json_number(tests.mean_difference_ppl)},
      {"paired",
       {{"t_statistic", json_number(tests.paired.t)}, {"p_value", json_number(tests.paired.p)}}},
      {"welch",
       {{"t_statistic", json_number(tests.welch.t)},
        {"df", json_number(tests.welch.df)},
        {"p_value", json_number(tests.welch.p)}}}};
}

// Adds the tests beside the paired t: wilcoxon, cohen_dz, hedges_gz, equivalence,
// token_weighted_difference, bootstrap_ci95, documents_needed, over_seeds and partial; null for
// what there is not.
void add_pair_tests(const Comparison& comparison, double margin, Orientation asked, Json& json) {
  const PairTests& tests = comparison.more;
  const bool by_nll = comparison.judge == Measure::kNll;
  const bool known = comparison.test.n > 0 && by_nll;
  // Tested is the share of wrong answers, and told is exact match: the other way round.
  const bool turn = (asked == Orientation::kFirstMinusSecond) == by_nll;
  json["wilcoxon"] = wilcoxon_json(tests.wilcoxon);
  json["cohen_dz"] = json_number(turned(tests.effect.cohen_dz, turn));
  json["hedges_gz"] = json_number(turned(tests.effect.hedges_gz, turn));
  json["equivalence"] = equivalence_json(tests, margin, comparison.judge, turn);
  json["token_weighted_difference"] =
      known ? json_number(turned(tests.token_weighted, turn)) : Json(nullptr);
  json["bootstrap_ci95"] =
      by_nll ? interval_json(turned(tests.bootstrap_ci95, turn)) : Json(nullptr);
  json["documents_needed"] = json_count(tests.documents_needed);
  json["over_seeds"] = seeds_json(comparison.over_seeds);
  if (!comparison.partial.empty()) json["partial"] = comparison.partial;
}

void add_verdict(const Comparison& c, Json& json) {
  json["p_value"] = json_number(c.test.p);
  json["p_adjusted"] = json_number(c.p_holm);
  json["significant"] = c.significant();
  json["stars"] = stars(c.p_holm);
  json["deterministic"] = c.test.deterministic;
  json["n_documents"] = c.test.n;
  json["status"] = to_string(c.status);
  if (!c.reason.empty()) json["reason"] = c.reason;
}

Json test_json(const Comparison& c, const Family& family, double margin) {
  Json json;
  json["test"] = "paired t, two-sided";
  json["unit"] = "document";
  json["family"] = family.name;
  json["family_size"] = family.tests();
  json["adjustment"] = "Holm";
  json["first"] = c.first;
  json["second"] = c.second;
  json["sparsity"] = c.sparsity;
  json["budget_tokens"] = c.budget_tokens;
  json["dataset"] = c.dataset;
  json["context_tokens"] = c.context_tokens;
  json["judged_by"] = c.judge.name;
  // The share of wrong answers of the second minus the first is exact match of the first minus the
  // second.
  const bool by_nll = c.judge == Measure::kNll;
  const char* what = by_nll ? "mean nll of " : "exact match of ";
  json["difference"] = what + c.first + " minus " + what + c.second +
                       (by_nll ? ", nats per token" : ", share of answers");
  json["mean_difference"] = json_number(turned(c.test.mean, by_nll));
  json["ci95"] = interval_json(turned(c.test.ci95, by_nll));
  json["t_statistic"] = json_number(turned(c.test.t, by_nll));
  json["df"] = c.test.t ? Json(c.test.df) : Json(nullptr);
  add_verdict(c, json);
  json["mean_difference_ppl"] = json_number(c.over_seeds.mean_difference_ppl);
  add_pair_tests(c, margin, Orientation::kFirstMinusSecond, json);
  json["verdict"] = c.second + " against " + c.first + ": " + verdict(c, margin);
  return json;
}

}  // namespace

Json significance_json(const ComparisonReport& report) {
  Json json = Json::object();
  for (const Family* family : {&report.to_baseline, &report.pairwise}) {
    for (const Comparison& c : family->comparisons)
      json[c.name] = test_json(c, *family, report.margin_of(c.judge));
  }
  return json;
}

Json delta_json(const Comparison& c, double margin) {
  Json json;
  json["test"] = c.name;
  json["judged_by"] = c.judge.name;
  json["delta_nll_nats"] = json_number(c.nll().mean);
  json["ci95"] = interval_json(c.nll().ci95);
  json["ppl_ratio"] = json_number(c.ppl_ratio());
  json["ppl_ratio_ci95"] = interval_json(c.ppl_ratio_ci95());
  if (c.judge == Measure::kAnswers) {
    json["delta_exact_match"] = json_number(c.told());
    json["delta_exact_match_ci95"] = interval_json(c.told_ci95());
  }
  add_verdict(c, json);
  add_pair_tests(c, margin, Orientation::kSecondMinusFirst, json);
  json["verdict"] = verdict(c, margin);
  return json;
}

}  // namespace pressroom
