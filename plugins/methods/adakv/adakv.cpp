#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

// The layer's places go to its highest scores, whichever head they are in, after each head got the
// safe part of the budget for its own highest.
struct AdaKv final : WrapperOf<AdaKv> {
  double alpha_safeguard = 0;

  static Declaration<AdaKv> declare() {
    return Declaration<AdaKv>(
               "shares a layer's budget out among its KV heads by the inner method's scores")
        .paper(
            "Feng et al., Ada-KV: Optimizing KV Cache Eviction by Adaptive Budget Allocation "
            "for Efficient LLM Inference, 2024, arXiv 2407.11550")
        .inner("the method whose scores decide")
        .parameter(&AdaKv::alpha_safeguard,
                   number("alpha_safeguard", 0.2, "fraction of the budget that every head keeps")
                       .at_least(0)
                       .at_most(1))
        .scope(BudgetScope::kLayer)
        .planned([](const AdaKv& self, EvictionPlan& plan) {
          if (plan.share == Share::kKvHead) return;
          self.refuse_inner("heads that hold the same entries leave no budget to share out",
                            "a method with share: kv_head");
        });
  }

  std::vector<Indices> keep_layer(const LayerView& layer, InnerPolicy& inner,
                                  const PolicyContext& context) const {
    const std::int64_t places = layer.kv_heads() * context.budget_tokens;
    if (entries_in(layer) <= places) return all_of(layer);
    const std::int64_t least = alpha_safeguard > 0 ? 1 : 0;
    const std::int64_t safe = std::max(least, fraction_of(context.budget_tokens, alpha_safeguard));
    const std::vector<at::Tensor> scores = inner.scores(layer);
    return highest_of_layer(layer, scores, inner.keep(layer, scores, safe), places);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::AdaKv, "adakv", "1.0.0")
