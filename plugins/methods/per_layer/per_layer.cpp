#include <algorithm>

#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

struct PerLayer final : DeclaredWrapper<PerLayer> {
  std::vector<double> ratios;

  static Declaration<PerLayer> declare() {
    return Declaration<PerLayer>("removes a given fraction in each layer; the inner method ranks")
        .inner("the method that ranks")
        .refuses_coupled_layers("layers that decide together cannot have budgets of their own")
        .parameter(&PerLayer::ratios,
                   required("ratios", ParameterType::kNumberList,
                            "fraction of the context removed, below 1, one for each layer")
                       .at_least(0)
                       .at_most(1)
                       .alias("compression_ratios"))
        .scope(BudgetScope::kNone)
        .recents(0)  // a fraction of each layer's own budget: BudgetPolicy protects them
        .planned([](const PerLayer&, EvictionPlan& plan) {
          plan.sized_by_budget = false;  // the inner method is given the layer's own
        });
  }

  void configure(const Parameters& parameters) override {
    DeclaredWrapper::configure(parameters);
    const auto empty = std::find_if(ratios.begin(), ratios.end(), [](double r) { return r >= 1; });
    if (empty == ratios.end()) return;
    throw Error({"per_layer would leave a layer empty", "parameter ratios", "fractions below 1",
                 "1 for layer " + std::to_string(empty - ratios.begin()),
                 "lower it: a layer keeps at least one entry of each KV head"});
  }

  void bind(const ModelContext& context) override {
    DeclaredWrapper::bind(context);
    if (static_cast<std::int64_t>(ratios.size()) == context.model.layers) return;
    throw Error({"per_layer has another number of ratios than the model has layers",
                 "parameter ratios", std::to_string(context.model.layers) + " numbers",
                 std::to_string(ratios.size()), "give one for each layer"});
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    PolicyContext of_layer = context;
    of_layer.budget_tokens =
        fraction_of(context.context_tokens, 1 - ratios.at(static_cast<std::size_t>(context.layer)));
    return std::make_unique<BudgetPolicy>(inner(), of_layer);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::PerLayer, "per_layer", "1.0.0")
