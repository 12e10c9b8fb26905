#include "report/table/pair_tests_json.h"

#include <optional>

#include "base/json_number.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

// `value` of second minus first in the orientation asked for; never -0.
std::optional<double> turned(const std::optional<double>& value, Orientation orientation) {
  if (!value || orientation == Orientation::kSecondMinusFirst) return value;
  return 0 - *value;
}

Json interval_json(const std::optional<Interval>& value, Orientation orientation) {
  if (!value) return nullptr;
  if (orientation == Orientation::kSecondMinusFirst) return {value->low, value->high};
  return {0 - value->high, 0 - value->low};
}

Json wilcoxon_json(const Wilcoxon& test) {
  return {{"statistic", test.p ? Json(test.statistic) : Json(nullptr)},
          {"p_value", json_number(test.p)},
          {"method", to_string(test.method)},
          {"n", test.n},
          {"zeros", test.zeros},
          {"ties", test.ties}};
}

Json equivalence_json(const PairTests& tests, double margin, Judge judge, Orientation orientation) {
  const Equivalence& test = tests.equivalence;
  const bool turn = orientation == Orientation::kFirstMinusSecond;
  const bool by_nll = judge == Judge::kNll;
  Json json = {{"margin", margin},
               {"bound_nats", by_nll ? Json(test.bound_nats) : Json(nullptr)},
               {"t_lower", json_number(turned(turn ? test.t_upper : test.t_lower, orientation))},
               {"t_upper", json_number(turned(turn ? test.t_lower : test.t_upper, orientation))},
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

}  // namespace

void add_pair_tests(const Comparison& comparison, double margin, Orientation asked, Json& json) {
  const PairTests& tests = comparison.more;
  const bool by_nll = comparison.judge == Judge::kNll;
  const bool known = comparison.test.n > 0 && by_nll;
  // Tested is the share of wrong answers, and told is exact match: the other way round.
  const Orientation other = asked == Orientation::kFirstMinusSecond
                                ? Orientation::kSecondMinusFirst
                                : Orientation::kFirstMinusSecond;
  const Orientation orientation = by_nll ? asked : other;
  json["wilcoxon"] = wilcoxon_json(tests.wilcoxon);
  json["cohen_dz"] = json_number(turned(tests.effect.cohen_dz, orientation));
  json["hedges_gz"] = json_number(turned(tests.effect.hedges_gz, orientation));
  json["equivalence"] = equivalence_json(tests, margin, comparison.judge, orientation);
  json["token_weighted_difference"] =
      known ? json_number(turned(tests.token_weighted, orientation)) : Json(nullptr);
  json["bootstrap_ci95"] =
      by_nll ? interval_json(tests.bootstrap_ci95, orientation) : Json(nullptr);
  json["documents_needed"] = json_count(tests.documents_needed);
  json["over_seeds"] = seeds_json(comparison.over_seeds);
  if (!comparison.partial.empty()) json["partial"] = comparison.partial;
}

}  // namespace pressroom
