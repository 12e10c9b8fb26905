#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

struct Rerotate final : Declared<Rerotate, Wrapper> {
  static Declaration<Rerotate> declare() {
    return Declaration<Rerotate>("the inner method with keys rotated by their index in the cache")
        .inner("the method that decides what stays");
  }

  void configure(const Parameters& parameters) override {
    Declared::configure(parameters);
    if (dynamic_cast<const Rerotate*>(&inner()) == nullptr) return;
    refuse_inner("rerotate around rerotate is rerotate", "a method that is not rerotate");
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = inner().plan(budget_tokens);
    if (plan.ranking == Ranking::kNone || plan.zeroes_channels) {
      refuse_inner(plan.zeroes_channels ? "channels are zeroed in keys at their original positions"
                                        : "a method that evicts nothing leaves no gaps to close",
                   "a method that evicts entries");
    }
    plan.positions = Positions::kCacheIndex;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return inner().make_policy(context);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Rerotate, "rerotate", "1.0.0")
