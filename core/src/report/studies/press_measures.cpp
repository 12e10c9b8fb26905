#include "report/studies/press_measures.h"

#include "base/json_number.h"
#include "report/studies/study_groups.h"

namespace pressroom {

std::string press_name(const CellGroup& group, const std::string& baseline) {
  return group.method == baseline ? "no_press" : group.method;
}

std::optional<double> runtime_sec(const CellGroup& group) {
  if (!group.complete() || group.cells.empty()) return std::nullopt;
  double sum = 0;
  for (const CellResult* cell : group.cells) sum += cell->seconds;
  return sum / static_cast<double>(group.cells.size());
}

std::optional<double> measured_ratio(const CellGroup& group) {
  const std::optional<double> kept = metric_sum(group, "kept");
  const std::optional<double> discarded = metric_sum(group, "discarded");
  if (!kept || !discarded) return std::nullopt;
  return *discarded / (*kept + *discarded);
}

nlohmann::ordered_json press_measures(const CellGroup& group) {
  const GroupLoss loss = group_loss(group);
  nlohmann::ordered_json json;
  json["perplexity"] = json_number(loss.perplexity());
  json["cross_entropy"] = json_number(loss.cross_entropy);
  json["num_tokens"] = json_count(loss.targets);
  json["num_samples"] = json_count(loss.windows);
  json["runtime_sec"] = json_number(runtime_sec(group));
  json["total_runtime_sec"] = json_number(runtime_sec(group));
  json["compression_ratio"] = group.sparsity;
  json["measured_compression_ratio"] = json_number(measured_ratio(group));
  json["avg_cache_size"] = json_number(metric_mean(group, "mean_cache_entries"));
  if (!group.complete()) json["incomplete"] = group.why_incomplete();
  return json;
}

}  // namespace pressroom
