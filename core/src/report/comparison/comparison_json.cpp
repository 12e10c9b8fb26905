#include <optional>
#include <utility>

#include "base/json_number.h"
#include "report/comparison/comparison_formats.h"
#include "report/table/significance_json.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

Json side_json(const std::string& method, const CellGroup* group) {
  const Measured side = measured(group);
  return {{"method", method},
          {"kept_ratio", json_number(side.kept_ratio)},
          {"mean_cache_entries", json_number(side.mean_held)},
          {"peak_cache_entries", json_number(side.peak_held)},
          {"exact_match", json_number(side.exact_match)},
          {"interpolated", side.interpolated},
          {"ppl_token_weighted", json_number(side.token_weighted_ppl)},
          {"ppl_document_weighted", json_number(side.document_weighted_ppl)}};
}

}  // namespace

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
    Json comparisons = Json::array();
    for (const Comparison& c : family->comparisons) {
      Json one = {{"dataset", c.dataset},
                  {"context_tokens", c.context_tokens},
                  {"sparsity", c.sparsity},
                  {"budget_tokens", c.budget_tokens},
                  {"first", side_json(c.first, view.first(c))},
                  {"second", side_json(c.second, view.second(c))}};
      one.update(delta_json(c, report.margin));
      const bool turn = c.judge == Judge::kAnswers && c.test.t;  // of exact match, second - first
      one["t_statistic"] = json_number(turn ? std::optional<double>(0 - *c.test.t) : c.test.t);
      one["df"] = c.test.t ? Json(c.test.df) : Json(nullptr);
      one["sd"] = json_number(c.test.sd);
      comparisons.push_back(std::move(one));
    }
    json["families"].push_back({{"name", family->name},
                                {"tests", family->tests()},
                                {"comparisons", std::move(comparisons)}});
  }
  for (const Problem& finding : report.findings) json["findings"].push_back(finding.text());
  return json;
}

}  // namespace pressroom
