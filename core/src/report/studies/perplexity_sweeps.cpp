#include <algorithm>

#include "base/json_text.h"
#include "base/number_text.h"
#include "report/studies/study_files.h"
#include "report/studies/study_groups.h"
#include "results/metric_names.h"
#include "stats/metric_summary.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr double kStudySparsity = 0.9;  // of the study's context sweep

// Contexts are swept at one sparsity or at one budget: a budget is another sparsity at each
// context. With neither, as under `match`, every method has one budget at each context.
struct Axes {
  std::optional<double> sparsity;
  std::optional<std::int64_t> budget;
  std::int64_t context = 0;  // at which sparsities are swept

  bool sweeps_contexts(const CellGroup& group) const {
    return (!sparsity || group.sparsity == *sparsity) &&
           (!budget || group.budget_tokens == *budget);
  }
};

Axes axes_of(const std::vector<CellGroup>& groups, const Json& config) {
  Axes axes;
  double largest = 0;
  bool has_study = false;
  for (const CellGroup& group : groups) {
    largest = std::max(largest, group.sparsity);
    axes.context = std::max(axes.context, group.context_tokens);
    has_study = has_study || group.sparsity == kStudySparsity;
  }
  if (config.contains("budgets")) {
    const auto budgets = config["budgets"].get<std::vector<std::int64_t>>();
    axes.budget = *std::min_element(budgets.begin(), budgets.end());
  } else if (!config.contains("match")) {
    axes.sparsity = has_study ? kStudySparsity : largest;
  }
  return axes;
}

std::optional<double> perplexity_sd(const CellGroup& group) {
  const std::vector<MetricSummary> metrics = summarise_metrics(group);
  const MetricSummary* perplexity = find_metric(metrics, metric_names::kPerplexity);
  return perplexity == nullptr ? std::nullopt : perplexity->sd();
}

Json point(const CellGroup& group, const CellGroup* dense, const ComparisonReport& report) {
  const GroupLoss loss = group_loss(group);
  Json json;
  json[metric_names::kPerplexity] = json_number(loss.perplexity());
  json[metric_names::kCrossEntropy] = json_number(loss.cross_entropy);
  json[metric_names::kBitsPerToken] = json_number(loss.bits_per_token());
  json["perplexity_std"] = json_number(perplexity_sd(group));
  json["vs_dense_pct"] =
      dense == nullptr
          ? Json(nullptr)
          : json_number(100 * (loss.perplexity() / group_loss(*dense).perplexity() - 1));
  const Comparison* comparison = report.find(group);
  json["p_adjusted"] = comparison == nullptr ? Json(nullptr) : json_number(comparison->p_holm);
  json["sparsity"] = group.sparsity;
  json["budget_tokens"] = group.budget_tokens;
  json["context_length"] = group.context_tokens;
  add_kv_dtype(group, json);
  json[metric_names::kKeptRatio] = json_number(metric_mean(group, metric_names::kKeptRatio));
  json["avg_cache_size"] = json_number(metric_mean(group, metric_names::kMeanCacheEntries));
  json["num_tokens"] = json_count(loss.targets);
  json["num_samples"] = json_count(loss.windows);
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
  const Axes axes = axes_of(groups, input.setting.config);
  Json json;
  json["config"] = input.setting.config;
  json["config"]["context_sweep_sparsity"] = json_number(axes.sparsity);
  json["config"]["context_sweep_budget"] = json_count(axes.budget);
  json["config"]["sparsity_sweep_context"] = axes.context;
  json["results"] = Json::object();
  for (const CellGroup& group : groups) {
    Json& method = json["results"][group.dataset][group.method];
    if (method.is_null()) {
      method = {{"context_length_sweep", Json::object()}, {"sparsity_sweep", Json::object()}};
    }
    const Json value = point(group, baseline_of(group, groups, baseline), input.report);
    if (group.method == baseline || axes.sweeps_contexts(group)) {
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
