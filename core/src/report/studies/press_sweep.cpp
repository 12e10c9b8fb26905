#include "report/studies/press_sweep.h"

#include <algorithm>
#include <cmath>

#include "base/json_number.h"
#include "base/number_text.h"
#include "report/studies/press_measures.h"
#include "report/studies/study_groups.h"
#include "report/table/significance_json.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSweep = "pythia_kvpress_sweep";

Json entry(const CellGroup& group, const CellGroup* dense, const ComparisonReport& report) {
  Json json;
  json["dataset"] = group.dataset;
  json["context_length"] = group.context_tokens;
  json["press"] = press_name(group, report.baseline);
  json.update(press_measures(group));
  const Comparison* comparison =
      report.find(group.method, group.sparsity, group.dataset, group.context_tokens);
  json["baseline_perplexity"] =
      dense == nullptr ? Json(nullptr) : json_number(group_loss(*dense).perplexity());
  json["baseline_runtime_sec"] =
      dense == nullptr ? Json(nullptr) : json_number(runtime_sec(*dense));
  json["ppl_ratio"] = comparison == nullptr ? Json(nullptr) : json_number(comparison->ppl_ratio());
  json["p_adjusted"] = comparison == nullptr ? Json(nullptr) : json_number(comparison->p_holm);
  return json;
}

// The series of `name`, made where it is missing.
FigureSeries& series_of(const std::string& name, Figure& figure) {
  for (FigureSeries& series : figure.series) {
    if (series.name == name) return series;
  }
  return figure.series.emplace_back(FigureSeries{name, {}, true});
}

}  // namespace

StudyFile press_sweep_file(const StudyInput& input, const std::vector<CellGroup>& groups) {
  Json json = {{"config", input.setting.config}, {"results", Json::array()}};
  for (const CellGroup& group : groups) {
    const CellGroup* dense = baseline_of(group, groups, input.report.baseline);
    json["results"].push_back(entry(group, dense, input.report));
  }
  return {std::string(kSweep) + ".json", json_text(json)};
}

StudyFigure press_tradeoff(const StudyInput& input, const std::vector<CellGroup>& groups) {
  Figure figure;
  figure.id = std::string(kSweep) + "_tradeoff";
  figure.title = "Perplexity against compression";
  figure.caption = "Perplexity over that of the full cache, against the fraction of entries gone.";
  figure.x = {"Measured compression ratio", false, Better::kHigher};
  figure.y = {"Perplexity over dense", true, Better::kLower};
  figure.y_reference = 1;
  for (const CellGroup& group : groups) {
    const Comparison* comparison =
        input.report.find(group.method, group.sparsity, group.dataset, group.context_tokens);
    const std::optional<double> gone = measured_ratio(group);
    if (comparison == nullptr || !gone || !std::isfinite(comparison->ppl_ratio())) continue;
    FigurePoint point;
    point.x = *gone;
    point.y = comparison->ppl_ratio();
    point.y_ci95 = comparison->ppl_ratio_ci95();
    point.label = group.where();
    const std::string context = ", context " + std::to_string(group.context_tokens);
    const bool one = groups.front().context_tokens == groups.back().context_tokens;
    series_of(group.dataset + ", " + group.method + (one ? "" : context), figure)
        .points.push_back(point);
  }
  for (FigureSeries& series : figure.series) {
    std::stable_sort(series.points.begin(), series.points.end(),
                     [](const FigurePoint& a, const FigurePoint& b) { return a.x < b.x; });
  }
  return {"", figure};
}

}  // namespace pressroom
