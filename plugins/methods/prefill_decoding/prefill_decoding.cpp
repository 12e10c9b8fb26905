#include <algorithm>

#include "../composed/two_methods.h"
#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

class PrefillDecodingPolicy final : public Policy {
 public:
  PrefillDecodingPolicy(const Method& prefilling, const Method& decoding,
                        const PolicyContext& context, const EvictionPlan& plan)
      : prefilling_(prefilling, context),
        decoding_(decoding, context),
        budget_(context.budget_tokens) {
    prefilling_.protect(plan.sinks, 0);
    decoding_.protect(plan.sinks, 0);
  }

  at::Tensor birth_scores(const EntriesView& entries) override {
    const EvictionPlan& plan = prefilling_.plan();
    const bool is_prefilling = plan.birth_scores || plan.ranking == Ranking::kBirthScore;
    return (is_prefilling ? prefilling_ : decoding_).policy().birth_scores(entries);
  }

  std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
    const bool is_prompt =
        is_first_event_ && layer.tokens_fed() > 1 && layer.head(0).size() == layer.tokens_fed();
    is_first_event_ = false;
    acting_ = is_prompt ? &prefilling_ : &decoding_;
    return to_tensors(acting_->keep(layer, budget_));
  }

  std::vector<at::Tensor> ranked_by() const override { return acting_->ranked_by(); }

 private:
  InnerPolicy prefilling_;
  InnerPolicy decoding_;
  InnerPolicy* acting_ = &decoding_;
  std::int64_t budget_;
  bool is_first_event_ = true;
};

class PrefillDecoding final : public TwoMethods {
 public:
  PluginInfo describe() const override {
    return {"one method for the prompt, another for what comes after it",
            "",
            {inner_method("prefilling").alias("prefilling_press").help("acts on the prompt, once"),
             inner_method("decoding").alias("decoding_press").help("acts after it")}};
  }

  void configure(const Parameters& parameters) override {
    take(parameters, "prefilling", "decoding");
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    const EvictionPlan a = first().plan(budget_tokens);
    const EvictionPlan b = second().plan(budget_tokens);
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

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<PrefillDecodingPolicy>(first(), second(), context,
                                                   plan(context.budget_tokens));
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::PrefillDecoding, "prefill_decoding", "1.0.0")
