// H2O: cumulative attention and a recent window. Two plugins are this method with other defaults.
#pragma once

#include <utility>

#include "pressroom/method.h"
#include "pressroom/protection.h"
#include "pressroom/share.h"

namespace pressroom {

// Ranks by the attention an entry has collected from all queries since its birth, summed over the
// query heads of its KV head; the last `recent` entries are safe, the heavy part of the budget goes
// to the highest of the rest. `recent`: the default, a fraction of the budget.
class H2oMethod : public Method {
 public:
  H2oMethod(std::string summary, double recent) : summary_(std::move(summary)), recent_(recent) {}

  PluginInfo describe() const override {
    std::vector<ParameterSpec> parameters = Protection::parameters(0, recent_);
    parameters.push_back(share_parameter());
    return {summary_,
            "Zhang et al., H2O: Heavy-Hitter Oracle for Efficient Generative Inference of Large "
            "Language Models, NeurIPS 2023, arXiv 2306.14048",
            parameters};
  }

  void configure(const Parameters& parameters) override {
    protection_.configure(parameters);
    share_ = share_of(parameters);
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = protection_.plan(budget_tokens);
    plan.ranking = Ranking::kSignal;
    plan.signal = Signal::kCumulativeAttention;
    set_share(plan, share_);
    return plan;
  }

 private:
  std::string summary_;
  double recent_;
  Protection protection_;
  Share share_ = Share::kKvHead;
};

}  // namespace pressroom
