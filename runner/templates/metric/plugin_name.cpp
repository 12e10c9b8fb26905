#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "pressroom/plugin.h"

namespace pressroom {

// The loss of the document that fared worst: a mean over all of them hides one that was ruined.
struct PluginNameMetric final : Declared<PluginNameMetric, Metric> {
  // Made for each cell.
  struct Collector final : MetricCollector {
    std::vector<std::optional<double>> means;  // of each document; none where nothing is scored

    void observe(const DocumentMeasurements& document) override {
      double sum_nats = 0;
      for (const double nll : document.nll_nats) sum_nats += nll;
      const auto targets = static_cast<double>(document.nll_nats.size());
      means.push_back(targets > 0 ? std::optional(sum_nats / targets) : std::nullopt);
    }

    std::vector<MetricValue> finish(const CellMeasurements& /*cell*/) override {
      double worst_nats = 0;
      for (const std::optional<double>& mean : means) {
        worst_nats = std::max(worst_nats, mean.value_or(0));
      }
      // The value of the cell, and that of each document: by these, methods are compared.
      return {{"plugin_name", worst_nats, "nats/token", Direction::kLowerIsBetter,
               "largest of the documents' means over scored targets", means}};
    }
  };

  static Declaration<PluginNameMetric> declare() {
    return Declaration<PluginNameMetric>("cross entropy of the worst document");
  }

  std::unique_ptr<MetricCollector> make_collector() const override {
    return std::make_unique<Collector>();
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::PluginNameMetric, "plugin_name", "0.1.0")
