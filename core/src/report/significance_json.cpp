#include "report/significance_json.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "report/pair_tests_json.h"
#include "stats/stars.h"
#include "stats/verdict.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json number(const std::optional<double>& value) { return value ? number(*value) : Json(nullptr); }

Json interval(const std::optional<Interval>& value) {
  return value ? Json::array({number(value->low), number(value->high)}) : Json(nullptr);
}

std::optional<double> negated(const std::optional<double>& value) {
  return value ? std::optional<double>(0 - *value) : std::nullopt;
}

std::optional<Interval> negated(const std::optional<Interval>& value) {
  return value ? std::optional<Interval>(Interval{0 - value->high, 0 - value->low}) : std::nullopt;
}

void add_verdict(const Comparison& c, Json& json) {
  json["p_value"] = number(c.test.p);
  json["p_adjusted"] = number(c.p_holm);
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
  json["dataset"] = c.dataset;
  json["context_tokens"] = c.context_tokens;
  json["difference"] =
      "mean nll of " + c.first + " minus mean nll of " + c.second + ", nats per token";
  json["mean_difference"] = number(0 - c.test.mean);
  json["ci95"] = interval(negated(c.test.ci95));
  json["t_statistic"] = number(negated(c.test.t));
  json["df"] = c.test.t ? Json(c.test.df) : Json(nullptr);
  add_verdict(c, json);
  json["mean_difference_ppl"] = number(c.over_seeds.mean_difference_ppl);
  add_pair_tests(c, margin, Orientation::kFirstMinusSecond, json);
  json["verdict"] = verdict(c, margin);
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
  json["delta_nll_nats"] = number(c.test.mean);
  json["ci95"] = interval(c.test.ci95);
  json["ppl_ratio"] = number(c.ppl_ratio());
  json["ppl_ratio_ci95"] = interval(c.ppl_ratio_ci95());
  add_verdict(c, json);
  add_pair_tests(c, margin, Orientation::kSecondMinusFirst, json);
  json["verdict"] = verdict(c, margin);
  return json;
}

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace pressroom
