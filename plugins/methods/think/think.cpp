#include <ATen/ATen.h>

#include "pressroom/plugin.h"
#include "pressroom/selection.h"

namespace pressroom {

// Zeroes the channels of a head's keys that matter least for q k: the lowest mean(q_c^2)
// mean(k_c^2), over the last queries of the group and over the keys held.
class ThinkPolicy final : public Policy {
 public:
  explicit ThinkPolicy(double ratio) : ratio_(ratio) {}

  at::Tensor zeroed_channels(const HeadView& head) override {
    const at::Tensor queries = head.queries().flatten(0, 1).square().mean(0);  // [d]
    const at::Tensor channels = queries * head.keys().square().mean(0);
    const std::int64_t width = channels.numel();
    const auto count = static_cast<std::int64_t>(static_cast<double>(width) * ratio_);
    return to_tensor(lowest(to_floats(channels).data(), {0, width}, count));
  }

 private:
  double ratio_;
};

class Think final : public Method {
 public:
  PluginInfo describe() const override {
    return {"zeroes the channels of the keys that matter least; no entry leaves",
            "Xu et al., ThinK: Thinner Key Cache by Query-Driven Pruning, ICLR 2025, arXiv "
            "2407.21018",
            {number("key_channel_compression_ratio", 0)
                 .at_least(0)
                 .at_most(1)
                 .help("share of the channels that is zeroed, truncated to whole channels"),
             integer("window_size", 32)
                 .at_least(1)
                 .alias("window")
                 .help("last queries, whose channels count")}};
  }

  void configure(const Parameters& parameters) override {
    ratio_ = parameters.number("key_channel_compression_ratio");
    window_size_ = parameters.integer("window_size");
  }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.zeroes_channels = true;
    plan.needs.query_window = window_size_;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& /*context*/) const override {
    return std::make_unique<ThinkPolicy>(ratio_);
  }

 private:
  double ratio_ = 0;
  std::int64_t window_size_ = 0;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Think, "think", "1.0.0")
