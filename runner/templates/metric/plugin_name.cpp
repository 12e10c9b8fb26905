#include <algorithm>
#include <memory>
#include <vector>

#include "pressroom/plugin.h"

namespace pressroom {

// The loss of the document that fared worst: a mean over all of them hides one that was ruined.
struct PluginNameMetric final : Declared<PluginNameMetric, Metric> {
  // Made for each cell.
  struct Collector final : MetricCollector {
    double worst_nats = 0;

    void observe(const DocumentMeasurements& document) override {
      if (document.nll_nats.empty()) return;
      double sum_nats = 0;
      for (const double nll : document.nll_nats) sum_nats += nll;
      worst_nats = std::max(worst_nats, sum_nats / static_cast<double>(document.nll_nats.size()));
    }

    std::vector<MetricValue> finish(const CellMeasurements& /*cell*/) override {
      return {{"plugin_name", worst_nats, "nats/token", Direction::kLowerIsBetter,
               "largest of the documents' means over scored targets"}};
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
