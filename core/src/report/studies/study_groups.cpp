#include "report/studies/study_groups.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "stats/metric_summary.h"

namespace pressroom {

double GroupLoss::perplexity() const { return std::exp(cross_entropy); }

double GroupLoss::bits_per_token() const { return cross_entropy / std::log(2.0); }

GroupLoss group_loss(const CellGroup& group) {
  GroupLoss loss;
  if (!group.complete() || group.cells.empty()) return loss;
  PooledNll pooled;
  std::size_t windows = 0;
  for (const CellResult* cell : group.cells) {
    pooled.add(cell->documents);
    windows += cell->documents.size();
  }
  loss.targets = pooled.targets;
  loss.windows = static_cast<std::int64_t>(windows);
  loss.cross_entropy = pooled.mean();
  return loss;
}

std::optional<double> metric_sum(const CellGroup& group, const std::string& name) {
  if (!group.complete() || group.cells.empty()) return std::nullopt;
  double sum = 0;
  for (const CellResult* cell : group.cells) {
    const MetricValue* metric = cell->metric(name);
    if (metric == nullptr) return std::nullopt;
    sum += metric->value;
  }
  return sum;
}

std::optional<double> metric_mean(const CellGroup& group, const std::string& name) {
  const std::optional<double> sum = metric_sum(group, name);
  if (!sum) return std::nullopt;
  return *sum / static_cast<double>(group.cells.size());
}

void add_kv_dtype(const CellGroup& group, nlohmann::ordered_json& json) {
  if (group.kv_dtype != Cell().kv_dtype) json["kv_dtype"] = group.kv_dtype;
}

bool has_other_budgets(const CellGroup& group, const std::vector<CellGroup>& groups) {
  return std::any_of(groups.begin(), groups.end(), [&](const CellGroup& other) {
    return other.method == group.method && other.dataset == group.dataset &&
           other.context_tokens == group.context_tokens && other.sparsity != group.sparsity;
  });
}

std::vector<GroupBlock> group_blocks(const std::vector<CellGroup>& groups) {
  std::vector<GroupBlock> blocks;
  for (const CellGroup& group : groups) {
    if (blocks.empty() || blocks.back().dataset != group.dataset ||
        blocks.back().context_tokens != group.context_tokens) {
      blocks.push_back({group.dataset, group.context_tokens, {}});
    }
    blocks.back().groups.push_back(&group);
  }
  return blocks;
}

std::string block_suffix(const GroupBlock& block, const std::vector<CellGroup>& groups) {
  std::set<std::string> datasets;
  std::set<std::int64_t> contexts;
  for (const CellGroup& group : groups) {
    datasets.insert(group.dataset);
    contexts.insert(group.context_tokens);
  }
  std::string suffix;
  if (datasets.size() > 1) suffix += "_" + block.dataset;
  if (contexts.size() > 1) suffix += "_ctx" + std::to_string(block.context_tokens);
  return suffix;
}

std::string padded(const std::string& text, std::size_t width) {
  return text.size() < width ? text + std::string(width - text.size(), ' ') : text + ' ';
}

}  // namespace pressroom
