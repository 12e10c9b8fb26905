#include <algorithm>

#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

class PerLayer final : public Wrapper {
 public:
  PluginInfo describe() const override {
    return {"removes a given fraction in each layer; the inner method ranks",
            "",
            {inner_method().help("the method that ranks"),
             required("ratios", ParameterType::kNumberList)
                 .at_least(0)
                 .at_most(1)
                 .alias("compression_ratios")
                 .help("fraction of the context removed, below 1, one for each layer")}};
  }

  void configure(const Parameters& parameters) override {
    Wrapper::configure(parameters);
    ratios_ = parameters.numbers("ratios");
    const auto empty =
        std::find_if(ratios_.begin(), ratios_.end(), [](double r) { return r >= 1; });
    if (empty == ratios_.end()) return;
    throw Error({"per_layer would leave a layer empty", "parameter ratios", "fractions below 1",
                 "1 for layer " + std::to_string(empty - ratios_.begin()),
                 "lower it: a layer keeps at least one entry of each KV head"});
  }

  void bind(const ModelContext& context) override {
    Wrapper::bind(context);
    if (static_cast<std::int64_t>(ratios_.size()) == context.model.layers) return;
    throw Error({"per_layer has another number of ratios than the model has layers",
                 "parameter ratios", std::to_string(context.model.layers) + " numbers",
                 std::to_string(ratios_.size()), "give one for each layer"});
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = plan_around_scores(budget_tokens, Ranking::kKeep);
    if (plan.couples_layers || plan.share == Share::kModel) {
      refuse_inner("layers that decide together cannot have budgets of their own",
                   "a method that looks at one layer");
    }
    plan.scope = BudgetScope::kNone;
    plan.sized_by_budget = false;  // the inner method is given the layer's own
    plan.recents = 0;  // a fraction of each layer's own budget: BudgetPolicy protects them
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    PolicyContext of_layer = context;
    of_layer.budget_tokens =
        static_cast<std::int64_t>(static_cast<double>(context.context_tokens) *
                                  (1 - ratios_.at(static_cast<std::size_t>(context.layer))));
    return std::make_unique<BudgetPolicy>(inner(), of_layer);
  }

 private:
  std::vector<double> ratios_;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::PerLayer, "per_layer", "1.0.0")
