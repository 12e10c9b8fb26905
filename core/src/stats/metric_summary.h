// A metric of a group of cells, over its seeds.
//
//   const auto metrics = summarise_metrics(group);
//   const MetricSummary* ppl = find_metric(metrics, "perplexity");
//   if (ppl) use(ppl->mean(), ppl->sd());
//
// The spread over seeds describes; it is no basis for a test (that is paired over documents).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "pressroom/metric.h"
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

}  // namespace pressroom
