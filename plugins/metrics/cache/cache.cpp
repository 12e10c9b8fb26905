#include <algorithm>

#include "pressroom/plugin.h"

namespace pressroom {

// Counts entries as the cache really held them, never as a budget says they should be.
class CacheCollector final : public MetricCollector {
 public:
  void observe(const DocumentMeasurements& document) override {
    double kept = 0;
    for (const auto& layer : document.kept_per_head) {
      for (const std::int64_t of_head : layer) kept += static_cast<double>(of_head);
    }
    const auto seen = static_cast<double>(document.entries_seen);
    kept_ += kept;
    seen_ += seen;
    kept_ratios_.emplace_back(kept / seen);
    double held = 0;
    for (const std::int64_t entries : document.entries_per_step) {
      held += static_cast<double>(entries);
    }
    const auto steps = static_cast<double>(document.entries_per_step.size());
    mean_entries_ += held / steps;
    means_.emplace_back(held / steps);
    peak_ = std::max(peak_, document.peak_entries_per_head);
    ++documents_;
  }

  std::vector<MetricValue> finish(const CellMeasurements& cell) override {
    const auto heads_each = static_cast<double>(cell.model.layers * cell.model.kv_heads);
    for (std::optional<double>& mean : means_) *mean /= heads_each;
    const char* last = "after the last step, over documents, layers and heads";
    return {{"kept", kept_, "entries", Direction::kNeither, last},
            {"discarded", seen_ - kept_, "entries", Direction::kNeither, last},
            {"kept_ratio", kept_ / seen_, "1", Direction::kNeither, last, kept_ratios_},
            {"compression_ratio", 1 - kept_ / seen_, "1", Direction::kNeither, last},
            {"mean_cache_entries", mean_entries_ / documents_ / heads_each, "entries/head",
             Direction::kLowerIsBetter, "mean over steps, documents, layers and heads", means_},
            {"peak_cache_entries", static_cast<double>(peak_), "entries/head",
             Direction::kLowerIsBetter, "peak over steps, documents, layers and heads"}};
  }

 private:
  std::vector<std::optional<double>> kept_ratios_;  // of each document
  std::vector<std::optional<double>> means_;
  double kept_ = 0;
  double seen_ = 0;
  double mean_entries_ = 0;
  double documents_ = 0;
  std::int64_t peak_ = 0;
};

struct Cache final : Declared<Cache, Metric> {
  static Declaration<Cache> declare() {
    return Declaration<Cache>(
        "entries kept and discarded, measured ratio, mean and peak size of the cache");
  }
  std::unique_ptr<MetricCollector> make_collector() const override {
    return std::make_unique<CacheCollector>();
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::Cache, "cache", "1.1.0")
