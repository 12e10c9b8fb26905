#include "stats/metric_summary.h"

#include <algorithm>

#include "stats/t_tests.h"

namespace pressroom {

std::optional<double> MetricSummary::sd() const {
  if (values.size() < 2) return std::nullopt;
  return moments(values).sd;
}

double MetricSummary::largest() const { return *std::max_element(values.begin(), values.end()); }

std::optional<double> share_right(const CellResult& cell) {
  double right = 0;
  double asked = 0;
  for (const DocumentResult& document : cell.documents) {
    right += document.right_answers;
    asked += static_cast<double>(document.answers);
  }
  return asked > 0 ? std::optional<double>(right / asked) : std::nullopt;
}

std::vector<MetricSummary> summarise_metrics(const CellGroup& group) {
  std::vector<MetricSummary> summaries;
  for (const CellResult* cell : group.cells) {
    for (const MetricValue& metric : cell->metrics) {
      auto found = std::find_if(summaries.begin(), summaries.end(), [&](const MetricSummary& s) {
        return s.metric.name == metric.name;
      });
      if (found == summaries.end()) {
        summaries.push_back({metric, {}});
        found = summaries.end() - 1;
      }
      found->values.push_back(metric.value);
    }
  }
  for (MetricSummary& summary : summaries) summary.metric.value = moments(summary.values).mean;
  return summaries;
}

const MetricSummary* find_metric(const std::vector<MetricSummary>& metrics,
                                 const std::string& name) {
  for (const MetricSummary& summary : metrics) {
    if (summary.metric.name == name) return &summary;
  }
  return nullptr;
}

}  // namespace pressroom
