#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "base/json_text.h"
#include "base/number_text.h"
#include "base/strings.h"
#include "report/studies/press_names.h"
#include "report/studies/study_files.h"
#include "report/studies/study_groups.h"
#include "results/metric_names.h"
#include "stats/cell_groups.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSweep = "pythia_kvpress_sweep";

// Seconds of feeding and scoring the windows of a cell, mean over seeds.
std::optional<double> runtime_sec(const CellGroup& group) {
  if (!group.complete() || group.cells.empty()) return std::nullopt;
  double sum = 0;
  for (const CellResult* cell : group.cells) sum += cell->seconds;
  return sum / static_cast<double>(group.cells.size());
}

// Fraction of the entries ever made that was gone at the end; absent without the metric `cache`.
std::optional<double> measured_ratio(const CellGroup& group) {
  const std::optional<double> kept = metric_sum(group, metric_names::kKept);
  const std::optional<double> discarded = metric_sum(group, metric_names::kDiscarded);
  if (!kept || !discarded) return std::nullopt;
  return *discarded / (*kept + *discarded);
}

// What is measured of a press: the same numbers in its folder and in the sweep.
Json press_measures(const CellGroup& group) {
  const GroupLoss loss = group_loss(group);
  Json json;
  json[metric_names::kPerplexity] = json_number(loss.perplexity());
  json[metric_names::kCrossEntropy] = json_number(loss.cross_entropy);
  json["num_tokens"] = json_count(loss.targets);
  json["num_samples"] = json_count(loss.windows);
  json["runtime_sec"] = json_number(runtime_sec(group));
  json["total_runtime_sec"] = json_number(runtime_sec(group));
  json["compression_ratio"] = group.sparsity;
  add_kv_dtype(group, json);
  json["measured_compression_ratio"] = json_number(measured_ratio(group));
  json["avg_cache_size"] = json_number(metric_mean(group, metric_names::kMeanCacheEntries));
  if (!group.complete()) json["incomplete"] = group.why_incomplete();
  return json;
}

Json entry(const CellGroup& group, const CellGroup* dense, const ComparisonReport& report) {
  Json json;
  json["dataset"] = group.dataset;
  json["context_length"] = group.context_tokens;
  json["press"] = press_name(group, report.baseline);
  json.update(press_measures(group));
  const Comparison* comparison = report.find(group);
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

// Every press at every ratio on every dataset.
StudyFile press_sweep_file(const StudyInput& input, const std::vector<CellGroup>& groups) {
  Json json = {{"config", input.setting.config}, {"results", Json::array()}};
  for (const CellGroup& group : groups) {
    const CellGroup* dense = baseline_of(group, groups, input.report.baseline);
    json["results"].push_back(entry(group, dense, input.report));
  }
  return {std::string(kSweep) + ".json", json_text(json)};
}

// Perplexity over that of the baseline against the measured ratio: a line for each dataset and
// press, so that datasets of different perplexities fit into one plot.
StudyFigure press_tradeoff(const StudyInput& input, const std::vector<CellGroup>& groups) {
  Figure figure;
  figure.id = std::string(kSweep) + "_tradeoff";
  figure.title = "Perplexity against compression";
  figure.caption = "Perplexity over that of the full cache, against the fraction of entries gone.";
  figure.x = {"Measured compression ratio", false, Better::kHigher};
  figure.y = {"Perplexity over dense", true, Better::kLower};
  figure.y_reference = 1;
  for (const CellGroup& group : groups) {
    const Comparison* comparison = input.report.find(group);
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

std::string predictions(const CellGroup& group) {
  std::string text = "seed,document,num_tokens,sum_nll_nats,mean_nll_nats\n";
  for (const CellResult* cell : group.cells) {
    for (const DocumentResult& document : cell->documents) {
      text += csv_line({std::to_string(cell->cell.seed), document.id,
                        std::to_string(document.targets.size()), exact(document.sum_nll_nats),
                        exact(document.mean_nll_nats())});
    }
  }
  return text;
}

// JSON is YAML: values are written as inline JSON, so that none needs quoting of another kind.
std::string config_yaml(const CellGroup& group, const StudyInput& input) {
  const StudyMethod* method = input.setting.method(group.method);
  Json json;
  json["dataset"] = group.dataset;
  json["model"] = input.setting.model;
  json["device"] = input.setting.device;
  json["dtype"] = input.setting.dtype;
  add_kv_dtype(group, json);
  json["press_name"] = press_name(group, input.report.baseline);
  json["method"] = method == nullptr ? group.method : method->name;
  json["parameters"] = method == nullptr ? Json::object() : method->parameters;
  json["compression_ratio"] = group.sparsity;
  json["budget_tokens"] = group.budget_tokens;
  json["max_context_length"] = group.context_tokens;
  json["protocol"] = group.protocol;
  json["seeds"] = Json::array();
  for (const CellResult* cell : group.cells) json["seeds"].push_back(cell->cell.seed);
  std::string text;
  for (const auto& [key, value] : json.items()) {
    text += key + ": " + json_line(value) + "\n";
  }
  return text;
}

}  // namespace

StudyFiles press_folders(const StudyInput& input) {
  const std::vector<CellGroup> groups = group_cells(input.results, input.report.baseline);
  std::set<std::int64_t> contexts;
  for (const CellGroup& group : groups) contexts.insert(group.context_tokens);
  StudyFiles out;
  for (const CellGroup& group : groups) {
    const std::string folder = press_folder(group, contexts.size() > 1, input);
    out.files.push_back({folder + "metrics.json", json_text(press_measures(group))});
    out.files.push_back({folder + "predictions.csv", predictions(group)});
    out.files.push_back({folder + "config.yaml", config_yaml(group, input)});
  }
  out.files.push_back(press_sweep_file(input, groups));
  out.figures.push_back(press_tradeoff(input, groups));
  return out;
}

}  // namespace pressroom
