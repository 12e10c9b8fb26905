#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

struct Decoding final : Declared<Decoding, Wrapper> {
  std::int64_t compression_interval = 0, target_size = 0;

  static Declaration<Decoding> declare() {
    return Declaration<Decoding>(
               "lets the inner method act after the prompt only, every so many tokens")
        .inner("the method that decides what stays")
        .parameter(&Decoding::compression_interval,
                   integer("compression_interval", 512, "tokens from one eviction to the next")
                       .at_least(1))
        .parameter(&Decoding::target_size,
                   integer("target_size", 0,
                           "entries a KV head holds after an eviction; 0 for the cell's budget")
                       .at_least(0));
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = inner().plan(target_size > 0 ? target_size : budget_tokens);
    if (plan.phases == Phases::kPrefill || plan.ranking == Ranking::kNone) {
      refuse_inner("the inner method evicts nothing after the prompt",
                   "a method that acts while decoding");
    }
    plan.interval = compression_interval;
    plan.phases = Phases::kDecoding;
    if (target_size == 0) return plan;
    plan.birth_scores = plan.birth_scores || plan.ranking == Ranking::kBirthScore;
    plan.ranking = Ranking::kKeep;
    plan.scope = BudgetScope::kNone;
    plan.sized_by_budget = false;  // the inner method is given the target
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    if (target_size == 0) return inner().make_policy(context);
    PolicyContext with_target = context;
    with_target.budget_tokens = target_size;
    return std::make_unique<BudgetPolicy>(inner(), with_target);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Decoding, "decoding", "1.0.0")
