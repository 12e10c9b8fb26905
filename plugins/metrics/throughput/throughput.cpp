#include <algorithm>
#include <cmath>

#include "pressroom/plugin.h"

namespace pressroom {

class ThroughputCollector final : public MetricCollector {
 public:
  void observe(const DocumentMeasurements& document) override {
    steps_.insert(steps_.end(), document.step_seconds.begin(), document.step_seconds.end());
  }

  std::vector<MetricValue> finish(const CellMeasurements& cell) override {
    std::sort(steps_.begin(), steps_.end());
    std::vector<MetricValue> values = {
        {"tokens_per_second", static_cast<double>(cell.tokens) / cell.seconds, "tokens/s",
         Direction::kHigherIsBetter, "all tokens of the cell / wall time"}};
    // A replayed document has no steps of its own: latencies are the decode engine's.
    if (steps_.empty()) return values;
    values.push_back({"step_latency_p50", quantile(0.5), "s", Direction::kLowerIsBetter,
                      "median over steps of a batch"});
    values.push_back({"step_latency_p95", quantile(0.95), "s", Direction::kLowerIsBetter,
                      "95th percentile over steps of a batch"});
    return values;
  }

 private:
  // Nearest rank.
  double quantile(double q) const {
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(steps_.size())));
    return steps_[std::max<std::size_t>(rank, 1) - 1];
  }

  std::vector<double> steps_;
};

class Throughput final : public Metric {
 public:
  PluginInfo describe() const override {
    return {"tokens per second and the latency of a decoding step", "", {}};
  }
  std::unique_ptr<MetricCollector> make_collector() const override {
    return std::make_unique<ThroughputCollector>();
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::Throughput, "throughput", "1.0.0")
