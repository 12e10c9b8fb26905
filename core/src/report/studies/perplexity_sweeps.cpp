#include "report/studies/perplexity_sweeps.h"

#include <algorithm>

#include "report/significance_json.h"
#include "report/studies/study_groups.h"
#include "stats/metric_summary.h"
#include "stats/number_text.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kStudySparsity = 0.9;  // of the study's context sweep

struct Axes {
  double sparsity = 0;       // at which contexts are swept
  std::int64_t context = 0;  // at which sparsities are swept
};

Axes axes_of(const std::vector<CellGroup>& groups) {
  Axes axes;
  bool has_study = false;
  for (const CellGroup& group : groups) {
    axes.sparsity = std::max(axes.sparsity, group.sparsity);
    axes.context = std::max(axes.context, group.context_tokens);
    has_study = has_study || group.sparsity == kStudySparsity;
  }
  if (has_study) axes.sparsity = kStudySparsity;
  return axes;
}

std::optional<double> perplexity_sd(const CellGroup& group) {
  const std::vector<MetricSummary> metrics = summarise_metrics(group);
  const MetricSummary* perplexity = find_metric(metrics, "perplexity");
  return perplexity == nullptr ? std::nullopt : perplexity->sd();
}

Json point(const CellGroup& group, const CellGroup* dense, const ComparisonReport& report) {
  const GroupLoss loss = group_loss(group);
  Json json;
  json["perplexity"] = json_number(loss.perplexity());
  json["cross_entropy"] = json_number(loss.cross_entropy);
  json["bits_per_token"] = json_number(loss.bits_per_token());
  json["perplexity_std"] = json_number(perplexity_sd(group));
  json["vs_dense_pct"] =
      dense == nullptr
          ? Json(nullptr)
          : json_number(100 * (loss.perplexity() / group_loss(*dense).perplexity() - 1));
  const Comparison* comparison =
      report.find(group.method, group.sparsity, group.dataset, group.context_tokens);
  json["p_adjusted"] = comparison == nullptr ? Json(nullptr) : json_number(comparison->p_holm);
  json["sparsity"] = group.sparsity;
  json["context_length"] = group.context_tokens;
  json["kept_ratio"] = json_number(metric_mean(group, "kept_ratio"));
  json["avg_cache_size"] = json_number(metric_mean(group, "mean_cache_entries"));
  json["num_tokens"] = loss.targets;
  json["num_samples"] = loss.windows;
  if (!group.complete()) json["incomplete"] = group.why_incomplete();
  return json;
}

// A method that removes nothing is the baseline: its point stands for those that were not run at 0.
void add_dense_points(Json& dataset, const std::string& baseline) {
  if (!dataset.contains(baseline)) return;
  const Json& sweep = dataset[baseline]["sparsity_sweep"];
  if (!sweep.contains("0.0")) return;
  Json point = sweep["0.0"];
  point["method"] = baseline;
  for (const auto& [name, method] : dataset.items()) {
    Json& points = method["sparsity_sweep"];
    if (points.contains("0.0")) continue;
    Json with_dense = {{"0.0", point}};
    with_dense.update(points);
    points = with_dense;
  }
}

}  // namespace

StudyFiles perplexity_sweeps(const StudyInput& input) {
  const std::string& baseline = input.report.baseline;
  const std::vector<CellGroup> groups = group_cells(input.results, baseline);
  const Axes axes = axes_of(groups);
  Json json;
  json["config"] = input.setting.config;
  json["config"]["context_sweep_sparsity"] = axes.sparsity;
  json["config"]["sparsity_sweep_context"] = axes.context;
  json["results"] = Json::object();
  for (const CellGroup& group : groups) {
    Json& method = json["results"][group.dataset][group.method];
    if (method.is_null()) {
      method = {{"context_length_sweep", Json::object()}, {"sparsity_sweep", Json::object()}};
    }
    const Json value = point(group, baseline_of(group, groups, baseline), input.report);
    if (group.sparsity == axes.sparsity || group.method == baseline) {
      method["context_length_sweep"][std::to_string(group.context_tokens)] = value;
    }
    if (group.context_tokens == axes.context) {
      method["sparsity_sweep"][sparsity_text(group.sparsity)] = value;
    }
  }
  for (Json& dataset : json["results"]) add_dense_points(dataset, baseline);
  return {{{"perplexity_sweeps.json", json_text(json)}}, {}};
}

}  // namespace pressroom
