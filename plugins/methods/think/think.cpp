#include <ATen/ATen.h>

#include "pressroom/plugin.h"

namespace pressroom {

// Zeroes the channels of a head's keys that matter least for q k: the lowest mean(q_c^2)
// mean(k_c^2), over the last queries of the group and over the keys held.
struct Think final : StatefulMethod<Think, Ranking::kNone> {
  double ratio = 0;
  std::int64_t window_size = 0;

  static Declaration<Think> declare() {
    return Declaration<Think>("zeroes the channels of the keys that matter least; no entry leaves")
        .paper(
            "Xu et al., ThinK: Thinner Key Cache by Query-Driven Pruning, ICLR 2025, arXiv "
            "2407.21018")
        .parameter(&Think::ratio,
                   number("key_channel_compression_ratio", 0,
                          "share of the channels that is zeroed, truncated to whole channels")
                       .at_least(0)
                       .at_most(1))
        .parameter(&Think::window_size,
                   integer("window_size", 32, "last queries, whose channels count")
                       .at_least(1)
                       .alias("window"))
        .query_window(&Think::window_size)
        .planned([](const Think&, EvictionPlan& plan) { plan.zeroes_channels = true; });
  }

  struct Live final : PolicyOf<Think> {
    using PolicyOf::PolicyOf;
    bool keeps_state() const override { return false; }
    at::Tensor zeroed_channels(const HeadView& head) override {
      const at::Tensor queries = head.queries().flatten(0, 1).square().mean(0);  // [d]
      const at::Tensor channels = queries * head.keys().square().mean(0);
      const std::int64_t width = channels.numel();
      const std::int64_t count = fraction_of(width, method.ratio);
      return to_tensor(lowest(to_floats(channels).data(), {0, width}, count));
    }
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Think, "think", "1.0.0")
