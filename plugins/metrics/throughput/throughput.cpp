#include <algorithm>
#include <cmath>

#include "pressroom/plugin.h"

namespace pressroom {

class ThroughputCollector final : public MetricCollector {
 public:
  // The mean latency is taken over the last `last` steps of each document; 0: not at all.
  explicit ThroughputCollector(std::int64_t last) : last_(static_cast<std::size_t>(last)) {}

  void observe(const DocumentMeasurements& document) override {
    const std::vector<double>& seconds = document.step_seconds;
    steps_.insert(steps_.end(), seconds.begin(), seconds.end());
    const std::size_t timed = std::min(last_, seconds.size());
    for (std::size_t i = seconds.size() - timed; i < seconds.size(); ++i) last_sum_ += seconds[i];
    last_steps_ += timed;
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
    if (last_steps_ > 0) {
      values.push_back({"decode_latency_mean", last_sum_ / static_cast<double>(last_steps_), "s",
                        Direction::kLowerIsBetter,
                        "mean over the last " + std::to_string(last_) + " steps of a document"});
    }
    return values;
  }

 private:
  // Nearest rank.
  double quantile(double q) const {
    const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(steps_.size())));
    return steps_[std::max<std::size_t>(rank, 1) - 1];
  }

  std::vector<double> steps_;
  std::size_t last_;
  double last_sum_ = 0;
  std::size_t last_steps_ = 0;
};

struct Throughput final : Declared<Throughput, Metric> {
  std::int64_t last = 0;

  static Declaration<Throughput> declare() {
    return Declaration<Throughput>("tokens per second and the latency of a decoding step")
        .parameter(
            &Throughput::last,
            integer("last", 0, "mean latency of the last so many steps of a document; 0: none")
                .at_least(0));
  }
  std::unique_ptr<MetricCollector> make_collector() const override {
    return std::make_unique<ThroughputCollector>(last);
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::Throughput, "throughput", "1.1.0")
