#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"
#include "pyramid_budgets.h"

namespace pressroom {

class PyramidKv final : public Wrapper {
 public:
  PluginInfo describe() const override {
    return {"gives early layers more of the budget than late ones; the inner method ranks",
            "Cai et al., PyramidKV: Dynamic KV Cache Compression based on Pyramidal Information "
            "Funneling, 2024, arXiv 2406.02069",
            {inner_method().help("the method that ranks, snapkv in the paper"),
             number("beta", 20).at_least(1).help("the last layer keeps 1/beta of the mean"),
             integer("window_size", 64)
                 .at_least(0)
                 .help("tokens that no layer may fall below, else all keep the same")}};
  }

  void configure(const Parameters& parameters) override {
    Wrapper::configure(parameters);
    beta_ = parameters.number("beta");
    window_size_ = parameters.integer("window_size");
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = plan_around_scores(budget_tokens, Ranking::kKeep);
    if (plan.couples_layers || plan.share == Share::kModel) {
      refuse_inner("layers that decide together cannot have budgets of their own",
                   "a method that looks at one layer");
    }
    plan.scope = BudgetScope::kModel;
    plan.recents = 0;  // a fraction of each layer's own budget: BudgetPolicy protects them
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    const std::int64_t layers = context.model.layers;
    PolicyContext of_layer = context;
    of_layer.budget_tokens =
        within(pyramid_budgets(context.context_tokens, static_cast<double>(context.budget_tokens),
                               layers, beta_, window_size_),
               layers * context.budget_tokens)[static_cast<std::size_t>(context.layer)];
    return std::make_unique<BudgetPolicy>(inner(), of_layer);
  }

 private:
  double beta_ = 0;
  std::int64_t window_size_ = 0;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::PyramidKv, "pyramidkv", "1.0.0")
