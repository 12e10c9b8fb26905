// What a group of cells, or some of its documents, come to in one number.
//
//   const auto metrics = summarise_metrics(group);                 // over its seeds
//   const MetricSummary* ppl = find_metric(metrics, metric_names::kPerplexity);
//   if (ppl) use(ppl->mean(), ppl->sd());
//   exact_match(group);                                            // of its answers, 0.83
//   PooledNll(cell.documents).perplexity();                        // of all their targets
//
// The spread over seeds describes; it is no basis for a test (that is paired over documents).
#pragma once

#include <cmath>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "pressroom/metric.h"
#include "results/cell.h"
#include "stats/cell_groups.h"

namespace pressroom {

struct MetricSummary {
  MetricValue metric;          // name, unit, direction, aggregation; value is the mean over seeds
  std::vector<double> values;  // of the cells that ran, by ascending seed

  double mean() const { return metric.value; }
  std::optional<double> sd() const;  // over seeds, ddof 1; absent for one seed
  double largest() const;
};

// Every metric of the group's cells in the order they first appear; empty when no cell ran.
std::vector<MetricSummary> summarise_metrics(const CellGroup& group);

// The one called `name`, nullptr when the group has none.
const MetricSummary* find_metric(const std::vector<MetricSummary>& metrics,
                                 const std::string& name);

// The share of a task's answers that were right: right answers over answers of a cell; absent where
// nothing was asked.
std::optional<double> share_right(const CellResult& cell);

// What each cell of a group comes to, as `of` tells of one cell: the mean over its seeds; absent
// where none has any.
template <typename Of>
std::optional<double> mean_over_seeds(const CellGroup& group, Of of) {
  double sum = 0;
  double cells = 0;
  for (const CellResult* cell : group.cells) {
    const std::optional<double> value = of(*cell);
    if (!value) continue;
    sum += *value;
    ++cells;
  }
  return cells > 0 ? std::optional<double>(sum / cells) : std::nullopt;
}

// share_right, the mean over seeds.
inline std::optional<double> exact_match(const CellGroup& group) {
  return mean_over_seeds(group, share_right);
}

// The nll of scored tokens, whatever documents they are in: tokens weigh alike.
//
//   PooledNll pooled(cell.documents);      // of one cell
//   pooled.add(other.documents);           // of two together
//   pooled.perplexity();                   // exp of the mean over all their targets
struct PooledNll {
  long double sum_nats = 0;
  std::int64_t targets = 0;  // scored tokens

  PooledNll() = default;
  explicit PooledNll(const std::vector<DocumentResult>& documents) { add(documents); }

  void add(const std::vector<DocumentResult>& documents) {
    for (const DocumentResult& document : documents) {
      sum_nats += document.sum_nll_nats;
      targets += static_cast<std::int64_t>(document.targets.size());
    }
  }

  // Nats per token, and exp of it; NaN where nothing was scored.
  double mean() const { return static_cast<double>(sum_nats / targets); }
  double perplexity() const { return std::exp(mean()); }
};

}  // namespace pressroom
