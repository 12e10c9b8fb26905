#include <ATen/ATen.h>

#include <numeric>

#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "pressroom/selection.h"
#include "pressroom/window_attention.h"

namespace pressroom {

// Score of an entry: the mean attention of the last queries, averaged over its neighbours; places
// beyond either end count as zeros. The window itself is protected.
class SnapKvPolicy final : public Policy {
 public:
  explicit SnapKvPolicy(std::int64_t kernel_size) : kernel_size_(kernel_size) {}

  at::Tensor score(const HeadView& head) override {
    const WindowAttention window = window_attention(head);
    const std::vector<float> votes = to_floats(window.weights.mean(0));
    std::vector<float> pooled(votes.size());
    const std::int64_t reach = kernel_size_ / 2;
    for (std::int64_t t = 0; t < window.older; ++t) {
      const auto first = votes.begin() + std::max<std::int64_t>(t - reach, 0);
      const auto end = votes.begin() + std::min(t + reach + 1, window.older);
      pooled[t] = std::accumulate(first, end, 0.0F) / static_cast<float>(kernel_size_);
    }
    return at::tensor(pooled);
  }

 private:
  std::int64_t kernel_size_;
};

class SnapKv final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps what a window of recent queries attends to, neighbours included",
            "Li et al., SnapKV: LLM Knows What You are Looking for Before Generation, NeurIPS "
            "2024, arXiv 2404.14469",
            {integer("window_size", 64)
                 .at_least(1)
                 .alias("window")
                 .help("last queries, whose attention decides; their entries are never evicted"),
             integer("kernel_size", 5).at_least(1).help("entries averaged over; odd")}};
  }

  void configure(const Parameters& parameters) override {
    window_size_ = parameters.integer("window_size");
    kernel_size_ = parameters.integer("kernel_size");
    if (kernel_size_ % 2 == 0) {
      throw Error({"kernel_size is even", "", "an odd number: a kernel has a middle",
                   std::to_string(kernel_size_), "use " + std::to_string(kernel_size_ + 1)});
    }
  }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kScore;
    plan.recents = window_size_;
    plan.needs.query_window = window_size_;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& /*context*/) const override {
    return std::make_unique<SnapKvPolicy>(kernel_size_);
  }

 private:
  std::int64_t window_size_ = 0;
  std::int64_t kernel_size_ = 0;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::SnapKv, "snapkv", "1.0.0")
