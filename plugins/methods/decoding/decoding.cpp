#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

class Decoding final : public Wrapper {
 public:
  PluginInfo describe() const override {
    return {"lets the inner method act after the prompt only, every so many tokens",
            "",
            {inner_method().help("the method that decides what stays"),
             integer("compression_interval", 512)
                 .at_least(1)
                 .help("tokens from one eviction to the next"),
             integer("target_size", 0)
                 .at_least(0)
                 .help("entries a KV head holds after an eviction; 0 for the cell's budget")}};
  }

  void configure(const Parameters& parameters) override {
    Wrapper::configure(parameters);
    interval_ = parameters.integer("compression_interval");
    target_size_ = parameters.integer("target_size");
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = inner().plan(target_size_ > 0 ? target_size_ : budget_tokens);
    if (plan.phases == Phases::kPrefill || plan.ranking == Ranking::kNone) {
      refuse_inner("the inner method evicts nothing after the prompt",
                   "a method that acts while decoding");
    }
    plan.interval = interval_;
    plan.phases = Phases::kDecoding;
    if (target_size_ == 0) return plan;
    plan.birth_scores = plan.birth_scores || plan.ranking == Ranking::kBirthScore;
    plan.ranking = Ranking::kKeep;
    plan.scope = BudgetScope::kNone;
    plan.sized_by_budget = false;  // the inner method is given the target
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    if (target_size_ == 0) return inner().make_policy(context);
    PolicyContext with_target = context;
    with_target.budget_tokens = target_size_;
    return std::make_unique<BudgetPolicy>(inner(), with_target);
  }

 private:
  std::int64_t interval_ = 0;
  std::int64_t target_size_ = 0;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Decoding, "decoding", "1.0.0")
