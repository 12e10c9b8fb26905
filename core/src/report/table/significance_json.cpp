#include "report/table/significance_json.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "base/number_text.h"
#include "report/table/rate_json.h"
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
  // A metric of which none was given: no test was made.
  Json json = {{"margin", margin > 0 ? Json(margin) : Json(nullptr)},
               {"bound_nats", by_nll ? Json(test.bound_nats) : Json(nullptr)},
               {"t_lower", json_number(turned(turn ? test.t_upper : test.t_lower, turn))},
               {"t_upper", json_number(turned(turn ? test.t_lower : test.t_upper, turn))},
               {"p_value", json_number(test.p)},
               {"p_adjusted", json_number(tests.p_equivalence_holm)}};
  if (judge == Measure::kAnswers) json["bound_exact_match"] = test.bound_nats;
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
// token_weighted_difference, bootstrap_ci95, documents_needed, over_seeds; null for what there is
// not. Of rates `questions`, which names its sides and is turned nowhere.
void add_pair_tests(const Comparison& comparison, double margin, Orientation asked, Json& json) {
  const PairTests& tests = comparison.more;
  const Measure& judge = comparison.judge;
  const bool by_nll = judge == Measure::kNll;
  const bool is_own = judge.scale == Measure::Scale::kOwn;
  const bool known = comparison.test.n > 0 && by_nll;
  // Of what is better the higher, told is the other way round than tested: Measure.
  const bool turn = (asked == Orientation::kFirstMinusSecond) != judge.turns();
  json["wilcoxon"] = wilcoxon_json(tests.wilcoxon);
  json["cohen_dz"] = json_number(turned(tests.effect.cohen_dz, turn));
  json["hedges_gz"] = json_number(turned(tests.effect.hedges_gz, turn));
  json["equivalence"] = equivalence_json(tests, margin, comparison.judge, turn);
  json["token_weighted_difference"] =
      known ? json_number(turned(tests.token_weighted, turn)) : Json(nullptr);
  json["bootstrap_ci95"] =
      by_nll || is_own ? interval_json(turned(tests.bootstrap_ci95, turn)) : Json(nullptr);
  json["documents_needed"] = json_count(tests.documents_needed);
  if (!is_own) json["over_seeds"] = seeds_json(comparison.over_seeds);
  if (comparison.questions) json["questions"] = questions_json(*comparison.questions);
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

// What the tests are of; unit and direction where it is none of what methods are judged by.
void add_measure(const Measure& judge, Json& json) {
  json["judged_by"] = judge.name;
  if (judge.scale != Measure::Scale::kOwn) return;
  json["metric_unit"] = judge.unit;
  json["better"] = judge.better();
}

// The differences of what methods are judged by.
void add_losses(const Comparison& c, Json& json) {
  json["delta_nll_nats"] = json_number(c.nll().mean);
  json["ci95"] = interval_json(c.nll().ci95);
  json["ppl_ratio"] = json_number(c.ppl_ratio());
  json["ppl_ratio_ci95"] = interval_json(c.ppl_ratio_ci95());
  if (c.judge != Measure::kAnswers) return;
  json["delta_exact_match"] = json_number(c.told());
  json["delta_exact_match_ci95"] = interval_json(c.told_ci95());
}

// "mean nll of dense minus mean nll of h2o, nats per token"
std::string difference_text(const Comparison& c) {
  const bool by_nll = c.judge == Measure::kNll;
  const bool by_answers = c.judge == Measure::kAnswers;
  const std::string what = by_nll       ? "mean nll of "
                           : by_answers ? "exact match of "
                                        : c.judge.name + " of ";
  const std::string unit = by_nll       ? "nats per token"
                           : by_answers ? "share of answers"
                                        : c.judge.unit;
  return what + c.first + " minus " + what + c.second +
         (unit.empty() || unit == "1" ? "" : ", " + unit);
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
  add_measure(c.judge, json);
  json["difference"] = difference_text(c);
  // As it is told, first minus second; what is tested is of second minus first.
  const bool turn = !c.judge.turns();
  json["mean_difference"] = json_number(turned(c.test.mean, turn));
  json["ci95"] = interval_json(turned(c.test.ci95, turn));
  json["t_statistic"] = json_number(turned(c.test.t, turn));
  json["df"] = c.test.t ? Json(c.test.df) : Json(nullptr);
  add_verdict(c, json);
  if (c.judge.scale != Measure::Scale::kOwn) {
    json["mean_difference_ppl"] = json_number(c.over_seeds.mean_difference_ppl);
  }
  add_pair_tests(c, margin, Orientation::kFirstMinusSecond, json);
  json["verdict"] = c.second + " against " + c.first + ": " + verdict(c, margin);
  return json;
}

}  // namespace

Json significance_json(const ComparisonReport& report) {
  Json json = Json::object();
  const auto add = [&json](const ComparisonReport& of) {
    for (const Family* family : {&of.to_baseline, &of.pairwise}) {
      for (const Comparison& c : family->comparisons) {
        json[c.name] = test_json(c, *family, of.margin_of(c.judge));
      }
    }
  };
  add(report);
  for (const ComparisonReport& metric : report.metrics) add(metric);
  return json;
}

Json delta_json(const Comparison& c, double margin) {
  Json json;
  json["test"] = c.name;
  add_measure(c.judge, json);
  if (c.judge.scale == Measure::Scale::kOwn) {
    json["delta"] = json_number(c.told());
    json["ci95"] = interval_json(c.told_ci95());
  } else {
    add_losses(c, json);
  }
  add_verdict(c, json);
  add_pair_tests(c, margin, Orientation::kSecondMinusFirst, json);
  json["verdict"] = verdict(c, margin);
  return json;
}

}  // namespace pressroom
