#include "report/table/held_more.h"

#include <algorithm>
#include <cstddef>
#include <map>
#include <tuple>

#include "report/table/kept_range.h"
#include "stats/metric_summary.h"

namespace pressroom {

std::vector<bool> held_more(const std::vector<std::optional<double>>& held) {
  std::vector<bool> marked(held.size(), false);
  for (std::size_t i = 0; i < held.size(); ++i) {
    std::vector<double> peers;
    for (std::size_t j = 0; j < held.size(); ++j) {
      if (j != i && held[j]) peers.push_back(*held[j]);
    }
    if (!held[i] || peers.empty()) continue;
    const auto middle = peers.begin() + static_cast<std::ptrdiff_t>((peers.size() - 1) / 2);
    std::nth_element(peers.begin(), middle, peers.end());
    marked[i] = *held[i] > KeptRange::kAlike * *middle;
  }
  return marked;
}

std::vector<bool> held_more(const std::vector<CellGroup>& groups, const std::string& baseline) {
  std::map<std::tuple<std::string, std::int64_t, double>, std::vector<std::size_t>> peers;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const CellGroup& group = groups[i];
    if (group.method == baseline) continue;
    peers[{group.dataset, group.context_tokens, group.sparsity}].push_back(i);
  }
  std::vector<bool> marked(groups.size(), false);
  for (const auto& [place, indices] : peers) {
    std::vector<std::optional<double>> held;
    for (const std::size_t i : indices) {
      const std::vector<MetricSummary> metrics = summarise_metrics(groups[i]);
      const MetricSummary* entries = find_metric(metrics, "mean_cache_entries");
      held.push_back(entries == nullptr ? std::nullopt : std::optional<double>(entries->mean()));
    }
    const std::vector<bool> more = held_more(held);
    for (std::size_t k = 0; k < indices.size(); ++k) marked[indices[k]] = more[k];
  }
  return marked;
}

}  // namespace pressroom
