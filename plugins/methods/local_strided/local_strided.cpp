#include <ATen/ATen.h>

#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "pressroom/selection.h"

namespace pressroom {

// Keeps position p at step t where p > t - window or p is a multiple of the stride; of the
// multiples outside the window no more than `room`.
class LocalStridedPolicy final : public Policy {
 public:
  LocalStridedPolicy(std::int64_t window, std::int64_t stride, std::int64_t room, bool doubles)
      : window_(window), stride_(stride), room_(room), doubles_(doubles) {}

  at::Tensor keep(const HeadView& head) override {
    const at::Tensor held = head.positions().contiguous();
    const std::int64_t* positions = held.data_ptr<std::int64_t>();
    const std::int64_t size = head.size();
    const std::int64_t local = positions[size - 1] - window_ + 1;  // the window's first position
    std::int64_t stride = stride_;
    // Counted over all positions so far, not over those held, so that a stride never shrinks back.
    while (doubles_ && local > 0 && (local - 1) / stride + 1 > room_) stride *= 2;
    Indices strided;
    const std::int64_t begin = std::lower_bound(positions, positions + size, local) - positions;
    for (std::int64_t j = 0; j < begin; ++j) {
      if (positions[j] % stride == 0) strided.push_back(j);
    }
    const auto over = static_cast<std::int64_t>(strided.size()) - room_;
    if (over > 0) strided.erase(strided.begin(), strided.begin() + over);
    return to_tensor(merged(strided, indices_of({begin, size})));
  }

 private:
  std::int64_t window_, stride_, room_;
  bool doubles_;
};

class LocalStrided final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps a recent window and every n-th token before it",
            "Child et al., Generating Long Sequences with Sparse Transformers, arXiv 1904.10509",
            {tokens_or_fraction("local_window", 0.5)
                 .at_least(0)
                 .help("last tokens, never evicted: tokens, or a fraction of the budget"),
             integer("stride", 64).at_least(1).help("of older tokens, positions it divides stay"),
             string("overflow", "recent")
                 .one_of({"recent", "double"})
                 .help("where the budget is too small for all of them: the most recent stay, or "
                       "the stride doubles")}};
  }

  void configure(const Parameters& parameters) override {
    window_ = parameters.tokens_or_fraction("local_window");
    stride_ = parameters.integer("stride");
    doubles_ = parameters.string("overflow") == "double";
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kKeep;
    plan.recents = window(budget_tokens);
    // Position 0 is a multiple of every stride.
    require_room({{"local_window", plan.recents}, {"strided", doubles_ ? 1 : 0}}, budget_tokens,
                 "budget");
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    const std::int64_t window = this->window(context.budget_tokens);
    return std::make_unique<LocalStridedPolicy>(window, stride_, context.budget_tokens - window,
                                                doubles_);
  }

 private:
  // The newest entry is always in it: it has just been computed.
  std::int64_t window(std::int64_t budget_tokens) const {
    return std::max<std::int64_t>(window_.tokens(budget_tokens), 1);
  }

  TokensOrFraction window_;
  std::int64_t stride_ = 1;
  bool doubles_ = false;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::LocalStrided, "local_strided", "1.0.0")
