#include <algorithm>

#include "../composed/two_methods.h"
#include "pressroom/plugin.h"

namespace pressroom {

struct PrefillDecoding final : Declared<PrefillDecoding, TwoMethods> {
  static Declaration<PrefillDecoding> declare() {
    return Declaration<PrefillDecoding>(
               "one method for the prompt, another for what comes after it")
        .parameter(&PrefillDecoding::first,
                   inner_method("prefilling", "acts on the prompt, once").alias("prefilling_press"))
        .parameter(&PrefillDecoding::second,
                   inner_method("decoding", "acts after it").alias("decoding_press"));
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    const EvictionPlan a = first->plan(budget_tokens);
    const EvictionPlan b = second->plan(budget_tokens);
    if (a.phases == Phases::kDecoding || b.phases == Phases::kPrefill) {
      refuse("a method is asked to act when it does not", "methods that act in their phase");
    }
    if (a.zeroes_channels || b.zeroes_channels) {
      refuse("channels are zeroed whatever the phase", "methods that evict");
    }
    if (a.ranking == Ranking::kNone && b.ranking == Ranking::kNone) {
      refuse("neither method evicts", "one that does");
    }
    const std::int64_t sinks = std::max(a.sinks, b.sinks);
    if ((a.ranking == Ranking::kKeep && a.sinks < sinks) ||
        (b.ranking == Ranking::kKeep && b.sinks < sinks)) {
      refuse("a method that decides by itself protects fewer sinks than the other",
             std::to_string(sinks) + " sinks in both");
    }
    EvictionPlan plan = plan_of_both(a, b);
    plan.recents = std::min(a.recents, b.recents);  // each protects its own
    plan.phases = a.ranking == Ranking::kNone   ? Phases::kDecoding
                  : b.ranking == Ranking::kNone ? Phases::kPrefill
                                                : Phases::kAll;
    return plan;
  }

  struct Live final : PolicyOfTwo<PrefillDecoding> {
    using PolicyOfTwo::PolicyOfTwo;

    std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
      const bool is_prompt =
          is_first_event && layer.tokens_fed() > 1 && layer.head(0).size() == layer.tokens_fed();
      is_first_event = false;
      acting = is_prompt ? &first : &second;
      return to_tensors(acting->keep(layer, context.budget_tokens));
    }

    std::vector<at::Tensor> ranked_by() const override { return acting->ranked_by(); }

    InnerPolicy* acting = &second;
    bool is_first_event = true;
  };

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<Live>(*this, context, plan(context.budget_tokens).sinks, 0);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::PrefillDecoding, "prefill_decoding", "1.0.0")
