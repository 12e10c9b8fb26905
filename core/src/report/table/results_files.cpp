#include "report/table/results_files.h"

#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/json_text.h"
#include "base/number_text.h"
#include "base/whole_file.h"
#include "report/studies/study_files.h"
#include "report/studies/study_groups.h"
#include "report/table/rate_json.h"
#include "report/table/significance_json.h"
#include "results/metric_names.h"
#include "stats/cell_groups.h"
#include "stats/metric_summary.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

const char* to_string(Direction direction) {
  switch (direction) {
    case Direction::kLowerIsBetter:
      return "lower is better";
    case Direction::kHigherIsBetter:
      return "higher is better";
    case Direction::kNeither:
      return "neither";
  }
  return "";
}

// Where each metric is a rate.
using MetricRates = std::map<std::string, RateSettings>;

Json metrics_json(const CellGroup& group, const MetricRates& rates) {
  Json json = Json::object();
  for (const MetricSummary& summary : summarise_metrics(group)) {
    Json& entry = json[summary.metric.name];
    entry["mean"] = json_number(summary.mean());
    entry["std"] = json_number(summary.sd());
    entry["per_seed"] = summary.values;
    entry["unit"] = summary.metric.unit;
    entry["direction"] = to_string(summary.metric.direction);
    entry["aggregation"] = summary.metric.aggregation;
    if (rates.at(summary.metric.name).has(group))
      entry["rate"] = rate_json(*rate_of(group, summary.metric.name));
  }
  return json;
}

// What a group is told by wherever it is named.
Json named_json(const CellGroup& group) {
  return {{"dataset", group.dataset},
          {"context_tokens", group.context_tokens},
          {"method", group.method},
          {"sparsity", group.sparsity}};
}

Json group_json(const CellGroup& group, const ComparisonReport& report, const MetricRates& rates) {
  Json json = named_json(group);
  json["budget_tokens"] = group.budget_tokens;
  json["protocol"] = group.protocol;
  json["kv_dtype"] = group.kv_dtype;
  json["seeds"] = Json::array();
  for (const CellResult* cell : group.cells) json["seeds"].push_back(cell->cell.seed);
  json["metrics"] = metrics_json(group, rates);
  const Comparison* comparison = report.find(group);
  if (comparison != nullptr)
    json["versus_" + report.baseline] =
        delta_json(*comparison, report.margin_of(comparison->judge));
  return json;
}

Json family_json(const Family& family) {
  Json json;
  json["name"] = family.name;
  json["comparisons"] = family.comparisons.size();
  json["tests"] = family.tests();
  return json;
}

void add_failures(const CellGroup& group, Json& list) {
  for (const Gap& gap : group.gaps) {
    Json json = named_json(group);
    json["seed"] = gap.seed;
    json["reason"] = gap.reason;
    list.push_back(json);
  }
}

// How a metric enters aggregated_results.json.
struct Aggregate {
  const char* metric;
  const char* key;
  double divisor;
  bool largest;  // over seeds, else the mean
};

Json aggregate_json(const CellGroup& group) {
  static constexpr Aggregate kAggregates[] = {
      {metric_names::kPerplexity, "mean_perplexity", 1, false},
      {metric_names::kTokensPerSecond, "mean_tokens_per_second", 1, false},
      {metric_names::kProcessPeakBytes, "peak_memory_mb", kBytesPerMegabyte, true},
      {metric_names::kKvBytesPeak, "kv_peak_mb", kBytesPerMegabyte, true},
      {metric_names::kMeanCacheEntries, "avg_cache_size", 1, false},
      {metric_names::kKeptRatio, metric_names::kKeptRatio, 1, false},
  };
  const std::vector<MetricSummary> metrics = summarise_metrics(group);
  Json json;
  for (const Aggregate& aggregate : kAggregates) {
    const MetricSummary* metric = find_metric(metrics, aggregate.metric);
    if (metric == nullptr) continue;
    const double value = aggregate.largest ? metric->largest() : metric->mean();
    json[aggregate.key] = json_number(value / aggregate.divisor);
    if (metric->metric.name == metric_names::kPerplexity)
      json["std_perplexity"] = json_number(metric->sd());
  }
  add_kv_dtype(group, json);
  json["num_runs"] = group.cells.size();
  json["failed_runs"] = group.gaps.size();
  return json;
}

}  // namespace

Json results_json(const std::vector<CellResult>& results, const ComparisonReport& report) {
  Json json;
  json["baseline"] = report.baseline;
  json["margin"] = report.margin;
  json["families"] = Json::array({family_json(report.to_baseline), family_json(report.pairwise)});
  json["groups"] = Json::array();
  json["failed_cells"] = Json::array();
  const std::vector<CellGroup> groups = group_cells(results, report.baseline);
  MetricRates rates;
  for (const std::string& name : reported_names(results)) {
    rates.emplace(name, RateSettings(groups, name));
  }
  for (const CellGroup& group : groups) {
    json["groups"].push_back(group_json(group, report, rates));
    add_failures(group, json["failed_cells"]);
  }
  json["findings"] = Json::array();
  for (const Problem& finding : report.findings) json["findings"].push_back(finding.text());
  return json;
}

Json aggregated_json(const std::vector<CellResult>& results, const std::string& baseline) {
  const std::vector<CellGroup> groups = group_cells(results, baseline);
  std::set<std::string> datasets;
  std::set<std::int64_t> contexts;
  for (const CellGroup& group : groups) {
    datasets.insert(group.dataset);
    contexts.insert(group.context_tokens);
  }
  Json json = Json::object();
  for (const CellGroup& group : groups) {
    std::string name = group.name();
    if (datasets.size() > 1) name += "_" + group.dataset;
    if (contexts.size() > 1) name += "_ctx" + std::to_string(group.context_tokens);
    json[name] = aggregate_json(group);
  }
  return json;
}

std::string write_campaign_files(const std::vector<CellResult>& results,
                                 const ComparisonReport& report, const CampaignConfig& config,
                                 const std::filesystem::path& directory) {
  write_file_atomically(directory / "results.csv", results_csv(results, report));
  write_file_atomically(directory / "results.json", json_text(results_json(results, report)));
  write_file_atomically(directory / "aggregated_results.json", json_text(aggregated_json(results)));
  write_file_atomically(directory / "significance_tests.json",
                        json_text(significance_json(report)));
  return write_study_files(results, report, config, directory).printed;
}

}  // namespace pressroom
