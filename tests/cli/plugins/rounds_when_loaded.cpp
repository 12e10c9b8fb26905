// Sets the rounding of the thread that loads it, as a library linked with -ffast-math sets how
// denormals are taken.
#include <ATen/ATen.h>
#include <fenv.h>

#include "pressroom/plugin.h"

namespace {

[[maybe_unused]] const int kRounds = fesetround(FE_UPWARD);

class RoundsWhenLoaded : public pressroom::Method {
 public:
  pressroom::PluginInfo describe() const override { return {"rounds upward", "", {}}; }
  pressroom::EvictionPlan plan(std::int64_t) const override { return {}; }
};

}  // namespace

PRESSROOM_METHOD(RoundsWhenLoaded, "rounds_when_loaded", "1.0.0")
