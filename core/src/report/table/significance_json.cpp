#include "report/table/significance_json.h"

#include <optional>

#include "base/json_number.h"
#include "report/table/pair_tests_json.h"
#include "stats/stars.h"
#include "stats/verdict.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

Json interval(const std::optional<Interval>& value) {
  return value ? Json::array({json_number(value->low), json_number(value->high)}) : Json(nullptr);
}

std::optional<double> negated(const std::optional<double>& value) {
  return value ? std::optional<double>(0 - *value) : std::nullopt;
}

std::optional<Interval> negated(const std::optional<Interval>& value) {
  return value ? std::optional<Interval>(Interval{0 - value->high, 0 - value->low}) : std::nullopt;
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
  json["judged_by"] = to_string(c.judge);
  // The share of wrong answers of the second minus the first is exact match of the first minus the
  // second.
  const bool by_nll = c.judge == Judge::kNll;
  const char* what = by_nll ? "mean nll of " : "exact match of ";
  json["difference"] = what + c.first + " minus " + what + c.second +
                       (by_nll ? ", nats per token" : ", share of answers");
  json["mean_difference"] = json_number(by_nll ? 0 - c.test.mean : c.test.mean);
  json["ci95"] = interval(by_nll ? negated(c.test.ci95) : c.test.ci95);
  json["t_statistic"] = json_number(by_nll ? negated(c.test.t) : c.test.t);
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
      json[c.name] = test_json(c, *family, report.margin);
  }
  return json;
}

Json delta_json(const Comparison& c, double margin) {
  Json json;
  json["test"] = c.name;
  json["judged_by"] = to_string(c.judge);
  json["delta_nll_nats"] = json_number(c.nll().mean);
  json["ci95"] = interval(c.nll().ci95);
  json["ppl_ratio"] = json_number(c.ppl_ratio());
  json["ppl_ratio_ci95"] = interval(c.ppl_ratio_ci95());
  if (c.judge == Judge::kAnswers) {
    json["delta_exact_match"] = json_number(c.match_difference());
    json["delta_exact_match_ci95"] = interval(c.match_ci95());
  }
  add_verdict(c, json);
  add_pair_tests(c, margin, Orientation::kSecondMinusFirst, json);
  json["verdict"] = verdict(c, margin);
  return json;
}

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace pressroom
