#include <map>
#include <set>

#include "base/json_text.h"
#include "base/number_text.h"
#include "report/studies/study.h"
#include "report/studies/study_files.h"
#include "report/studies/study_groups.h"
#include "results/metric_names.h"
#include "stats/metric_summary.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

Json config_of(const CellGroup& group, const StudyInput& input) {
  const StudyMethod* method = input.setting.method(group.method);
  const bool evicts = group.method != input.report.baseline && method != nullptr;
  Json json = evicts ? cache_sizes(*method, group.budget_tokens) : Json::object();
  json["cache_size"] = evicts ? Json(cache_size(*method, group.budget_tokens)) : Json(nullptr);
  json["method"] = method == nullptr ? group.method : method->name;
  json["parameters"] = method == nullptr ? Json::object() : method->parameters;
  json["model_name_or_path"] = input.setting.model;
  json["context_length"] = group.context_tokens;
  json["protocol"] = group.protocol;
  add_kv_dtype(group, json);
  return json;
}

Json result_of(const CellGroup& group, const StudyInput& input) {
  const GroupLoss loss = group_loss(group);
  Json json;
  json["mode"] = mode_name(group.method, input.report.baseline);
  json["ppl"] = json_number(loss.perplexity());
  json["num_tokens"] = json_count(loss.targets);
  json["num_samples"] = json_count(loss.windows);
  json["avg_cache_size"] = json_number(metric_mean(group, metric_names::kMeanCacheEntries));
  json["peak_cache_size"] = json_number(metric_mean(group, metric_names::kPeakCacheEntries));
  json["config"] = config_of(group, input);
  if (!group.complete()) json["incomplete"] = group.why_incomplete();
  return json;
}

}  // namespace

StudyFiles ppl_results(const StudyInput& input) {
  const std::vector<CellGroup> groups = group_cells(input.results, input.report.baseline);
  std::set<std::int64_t> contexts;
  for (const CellGroup& group : groups) contexts.insert(group.context_tokens);
  StudyFiles out;
  for (const CellGroup& group : groups) {
    std::string name =
        "ppl_" + group.dataset + "/ppl_results_" + mode_name(group.method, input.report.baseline);
    if (has_other_budgets(group, groups)) name += "_s" + sparsity_text(group.sparsity);
    if (contexts.size() > 1) name += "_ctx" + std::to_string(group.context_tokens);
    out.files.push_back({name + ".json", json_text(result_of(group, input))});
  }
  return out;
}

namespace {

constexpr const char* kFolder = "speed_benchmark";
constexpr double kMilliseconds = 1e3;

// Steps at the end of a window that are timed: what the config gave the metric.
std::int64_t timed_steps(const StudySetting& setting) {
  const auto metrics = setting.config.find("metrics");
  if (metrics == setting.config.end()) return 0;
  for (const auto& [label, metric] : metrics->items()) {
    if (metric.value("name", "") != metric_names::kThroughput) continue;
    return metric.at("parameters").value("last", std::int64_t{0});
  }
  return 0;
}

std::optional<double> latency_sd_ms(const CellGroup& group) {
  const std::vector<MetricSummary> metrics = summarise_metrics(group);
  const MetricSummary* latency = find_metric(metrics, metric_names::kDecodeLatencyMean);
  if (latency == nullptr || !latency->sd()) return std::nullopt;
  return kMilliseconds * *latency->sd();
}

Json length_json(const CellGroup& group, std::int64_t timed) {
  const std::optional<double> seconds = metric_mean(group, metric_names::kDecodeLatencyMean);
  Json json;
  json["seq_length"] = group.context_tokens - timed;
  json["kv_cache_size"] = json_number(metric_mean(group, metric_names::kPeakCacheEntries));
  json["avg_decode_latency_ms"] = seconds ? json_number(kMilliseconds * *seconds) : Json(nullptr);
  json["tokens_per_sec"] = seconds ? json_number(1 / *seconds) : Json(nullptr);
  json["std_decode_latency_ms"] = json_number(latency_sd_ms(group));
  json["context_length"] = group.context_tokens;
  json["kv_peak_bytes"] = json_number(metric_mean(group, metric_names::kKvBytesPeak));
  add_kv_dtype(group, json);
  json["num_runs"] = group.cells.size();
  if (!group.complete()) json["incomplete"] = group.why_incomplete();
  return json;
}

// Files of one mode: groups of its contexts.
struct Mode {
  std::string name;
  std::vector<const CellGroup*> groups;
};

// A method under a token budget has another sparsity at each context, so budgets are told apart by
// their number at each context.
std::vector<Mode> modes_of(const std::vector<CellGroup>& groups, const std::string& baseline) {
  std::set<std::string> datasets;
  for (const CellGroup& group : groups) datasets.insert(group.dataset);
  std::vector<Mode> modes;
  std::map<std::string, std::size_t> index;
  for (const CellGroup& group : groups) {
    std::string name = mode_name(group.method, baseline);
    if (has_other_budgets(group, groups)) name += "_b" + std::to_string(group.budget_tokens);
    if (datasets.size() > 1) name += "_" + group.dataset;
    const auto [place, is_new] = index.emplace(name, modes.size());
    if (is_new) modes.push_back({name, {}});
    modes[place->second].groups.push_back(&group);
  }
  return modes;
}

Figure latency_figure(const Mode& mode, std::int64_t timed) {
  Figure figure;
  figure.id = "speed_benchmark_" + mode.name;
  figure.title = "Decode latency, " + mode.name;
  figure.caption = "Mean time of a decoding step against the length of the sequence.";
  figure.x = {"Sequence length (tokens)", false, Better::kNeither};
  figure.y = {"Latency (ms/token)", false, Better::kLower};
  FigureSeries series{mode.name, {}, true};
  for (const CellGroup* group : mode.groups) {
    const std::optional<double> seconds = metric_mean(*group, metric_names::kDecodeLatencyMean);
    if (!seconds) continue;
    FigurePoint point;
    point.x = static_cast<double>(group->context_tokens - timed);
    point.y = kMilliseconds * *seconds;
    point.label = group->where();
    series.points.push_back(point);
  }
  figure.series.push_back(series);
  return figure;
}

}  // namespace

StudyFiles speed_results(const StudyInput& input) {
  const std::vector<CellGroup> groups = group_cells(input.results, input.report.baseline);
  const std::int64_t timed = timed_steps(input.setting);
  StudyFiles out;
  for (const Mode& mode : modes_of(groups, input.report.baseline)) {
    const CellGroup& first = *mode.groups.front();
    const StudyMethod* method = input.setting.method(first.method);
    Json json;
    json["config"] = input.setting.config;
    json["config"]["mode"] = mode.name;
    json["config"]["num_decode_tokens"] = timed;
    if (method != nullptr && first.method != input.report.baseline) {
      json["config"]["sizes"] = cache_sizes(*method, first.budget_tokens);
    }
    json["results"] = Json::array();
    for (const CellGroup* group : mode.groups)
      json["results"].push_back(length_json(*group, timed));
    out.files.push_back(
        {std::string(kFolder) + "/speed_results_" + mode.name + ".json", json_text(json)});
    const Figure figure = latency_figure(mode, timed);
    if (!figure.series.front().points.empty()) out.figures.push_back({kFolder, figure});
  }
  return out;
}

}  // namespace pressroom
