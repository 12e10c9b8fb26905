#include <algorithm>

#include "pressroom/plugin.h"

namespace pressroom {

class MemoryCollector final : public MetricCollector {
 public:
  void observe(const DocumentMeasurements& document) override {
    peak_ = std::max(peak_, document.peak_kv_bytes);
    bytes_per_entry_ = document.bytes_per_entry;
  }

  std::vector<MetricValue> finish(const CellMeasurements& cell) override {
    return {{"kv_bytes_peak", static_cast<double>(peak_), "bytes", Direction::kLowerIsBetter,
             "peak over steps and documents, of one document"},
            {"kv_bytes_per_entry", static_cast<double>(bytes_per_entry_), "bytes",
             Direction::kLowerIsBetter, "key, value and statistics of one entry"},
            {"weight_bytes", static_cast<double>(cell.weight_bytes), "bytes",
             Direction::kLowerIsBetter, "parameters in memory"},
            {"process_peak_bytes", static_cast<double>(cell.process_peak_bytes), "bytes",
             Direction::kLowerIsBetter, "peak resident size of the process up to this cell"}};
  }

 private:
  std::int64_t peak_ = 0;
  std::int64_t bytes_per_entry_ = 0;
};

struct Memory final : Declared<Memory, Metric> {
  static Declaration<Memory> declare() {
    return Declaration<Memory>(
        "bytes of keys, values and statistics really held, and of the process");
  }
  std::unique_ptr<MetricCollector> make_collector() const override {
    return std::make_unique<MemoryCollector>();
  }
};

}  // namespace pressroom

PRESSROOM_METRIC(pressroom::Memory, "memory", "1.0.0")
