// Counts documents and leaves the rounding changed behind it.
#include <fenv.h>

#include "pressroom/plugin.h"

namespace {

class RoundingCollector : public pressroom::MetricCollector {
 public:
  void observe(const pressroom::DocumentMeasurements&) override {
    ++documents_;
    fesetround(FE_DOWNWARD);
  }
  std::vector<pressroom::MetricValue> finish(const pressroom::CellMeasurements&) override {
    return {{"documents", documents_, "1", pressroom::Direction::kNeither, "count"}};
  }

 private:
  double documents_ = 0;
};

class RoundingMetric : public pressroom::Metric {
 public:
  pressroom::PluginInfo describe() const override { return {"rounds downward", "", {}}; }
  std::unique_ptr<pressroom::MetricCollector> make_collector() const override {
    return std::make_unique<RoundingCollector>();
  }
};

}  // namespace

PRESSROOM_METRIC(RoundingMetric, "rounding_metric", "1.0.0")
