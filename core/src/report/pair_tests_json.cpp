#include "report/pair_tests_json.h"

#include <optional>

#include "report/json_number.h"

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

Json equivalence_json(const PairTests& tests, double margin, Orientation orientation) {
  const Equivalence& test = tests.equivalence;
  const bool turn = orientation == Orientation::kFirstMinusSecond;
  return {{"margin", margin},
          {"bound_nats", test.bound_nats},
          {"t_lower", json_number(turned(turn ? test.t_upper : test.t_lower, orientation))},
          {"t_upper", json_number(turned(turn ? test.t_lower : test.t_upper, orientation))},
          {"p_value", json_number(test.p)},
          {"p_adjusted", json_number(tests.p_equivalence_holm)}};
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

void add_pair_tests(const Comparison& comparison, double margin, Orientation orientation,
                    Json& json) {
  const PairTests& tests = comparison.more;
  const bool known = comparison.test.n > 0;
  json["wilcoxon"] = wilcoxon_json(tests.wilcoxon);
  json["cohen_dz"] = json_number(turned(tests.effect.cohen_dz, orientation));
  json["hedges_gz"] = json_number(turned(tests.effect.hedges_gz, orientation));
  json["equivalence"] = equivalence_json(tests, margin, orientation);
  json["token_weighted_difference"] =
      known ? json_number(turned(tests.token_weighted, orientation)) : Json(nullptr);
  json["bootstrap_ci95"] = interval_json(tests.bootstrap_ci95, orientation);
  json["documents_needed"] = json_count(tests.documents_needed);
  json["over_seeds"] = seeds_json(comparison.over_seeds);
  if (!comparison.partial.empty()) json["partial"] = comparison.partial;
}

}  // namespace pressroom
