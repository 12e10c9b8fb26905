#include "pressroom/plugin.h"

namespace pressroom {

// The baseline: every entry stays.
class Dense final : public Method {
 public:
  PluginInfo describe() const override { return {"keeps every entry: the baseline", "", {}}; }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override { return {}; }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Dense, "dense", "1.0.0")
