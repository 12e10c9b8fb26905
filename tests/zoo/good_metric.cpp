// Counts documents.
#include "pressroom/plugin.h"

namespace zoo {

class Counter : public pressroom::MetricCollector {
 public:
  void observe(const pressroom::DocumentMeasurements&) override { ++documents_; }
  std::vector<pressroom::MetricValue> finish(const pressroom::CellMeasurements&) override {
    return {{"documents", documents_, "1", pressroom::Direction::kNeither, "count"}};
  }

 private:
  double documents_ = 0;
};

class Count : public pressroom::Metric {
 public:
  pressroom::PluginInfo describe() const override { return {"counts documents", "", {}}; }
  std::unique_ptr<pressroom::MetricCollector> make_collector() const override {
    return std::make_unique<Counter>();
  }
};

}  // namespace zoo

PRESSROOM_METRIC(zoo::Count, "good_metric", "1.0.0")
