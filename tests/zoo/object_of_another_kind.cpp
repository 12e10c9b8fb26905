// Registered as a method, makes a metric.
#include "specimen.h"

namespace zoo {

class Disguised : public pressroom::Metric {
 public:
  pressroom::PluginInfo describe() const override { return {"a metric", "", {}}; }
  std::unique_ptr<pressroom::MetricCollector> make_collector() const override { return nullptr; }
};

}  // namespace zoo

ZOO_MANIFEST("object_of_another_kind");

ZOO_ENTRY_POINT {
  static auto descriptor = zoo::sound_descriptor("object_of_another_kind");
  descriptor.create = []() -> pressroom::Plugin* { return new zoo::Disguised; };
  return &descriptor;
}
