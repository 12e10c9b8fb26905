#include "pressroom/plugin.h"
#include "pressroom/protection.h"

namespace pressroom {

// Ranks by the attention an entry has had per query since its birth.
class ObservedAttention final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps the entries with the highest mean attention", "", Protection::parameters(0, 0)};
  }

  void configure(const Parameters& parameters) override { protection_.configure(parameters); }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = protection_.plan(budget_tokens);
    plan.ranking = Ranking::kSignal;
    plan.signal = Signal::kMeanAttention;
    return plan;
  }

 private:
  Protection protection_;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::ObservedAttention, "observed_attention", "1.0.0")
