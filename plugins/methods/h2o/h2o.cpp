#include "pressroom/plugin.h"
#include "pressroom/protection.h"

namespace pressroom {

// Ranks by the attention an entry has collected from all queries since its birth, summed over the
// query heads of its KV head; the last `recent` entries are safe, the heavy part of the budget goes
// to the highest of the rest.
class H2o final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps heavy hitters of cumulative attention and a recent window, per KV head",
            "Zhang et al., H2O: Heavy-Hitter Oracle for Efficient Generative Inference of Large "
            "Language Models, NeurIPS 2023, arXiv 2306.14048",
            Protection::parameters(0, 0.5)};
  }

  void configure(const Parameters& parameters) override { protection_.configure(parameters); }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = protection_.plan(budget_tokens);
    plan.ranking = Ranking::kSignal;
    plan.signal = Signal::kCumulativeAttention;
    return plan;
  }

 private:
  Protection protection_;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::H2o, "h2o", "1.0.0")
