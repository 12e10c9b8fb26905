#include "lazy_method.h"
#include "pressroom/plugin.h"

namespace pressroom {

struct LazyH2o final : LazyMethod<LazyH2o> {
  TokensOrFraction recent;

  static Declaration<LazyH2o> declare() {
    return Declaration<LazyH2o>("h2o that chooses its heavy hitters at every n-th step only")
        .sinks(&LazyH2o::n_sink, 4)
        .recents(&LazyH2o::recent, 0.5)
        .parameter(&LazyH2o::heavy, heavy_parameter())
        .parameter(
            &LazyH2o::update_interval,
            integer("update_interval", 10, "steps from one choice of heavy hitters to the next")
                .at_least(1))
        .share(&LazyH2o::share)
        .signal(Signal::kCumulativeAttention)
        .positions(Positions::kCacheIndex)
        .planned([](const LazyH2o& self, std::int64_t budget_tokens, EvictionPlan& plan) {
          const std::int64_t heavy = self.heavy.tokens(budget_tokens);
          require_room({{"n_sink", plan.sinks}, {"recent", plan.recents}, {"heavy", heavy}},
                       budget_tokens, "budget");
        });
  }

  LazySizes sizes(std::int64_t budget_tokens) const {
    const std::int64_t recents = recent.tokens(budget_tokens);
    return {n_sink, recents, 0, heavy_tokens(budget_tokens, n_sink + recents)};
  }

  Indices chosen(const HeadView& head, IndexRange middle, const LazySizes& sizes) const {
    return highest(to_floats(head.signal()).data(), middle, sizes.heavy);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::LazyH2o, "lazy_h2o", "1.0.0")
