#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"
#include "pyramid_budgets.h"

namespace pressroom {

struct PyramidKv final : DeclaredWrapper<PyramidKv> {
  double beta = 0;
  std::int64_t window_size = 0;

  static Declaration<PyramidKv> declare() {
    return Declaration<PyramidKv>(
               "gives early layers more of the budget than late ones; the inner method ranks")
        .paper(
            "Cai et al., PyramidKV: Dynamic KV Cache Compression based on Pyramidal Information "
            "Funneling, 2024, arXiv 2406.02069")
        .inner("the method that ranks, snapkv in the paper")
        .refuses_coupled_layers("layers that decide together cannot have budgets of their own")
        .parameter(&PyramidKv::beta,
                   number("beta", 20, "the last layer keeps 1/beta of the mean").at_least(1))
        .parameter(&PyramidKv::window_size,
                   integer("window_size", 64,
                           "tokens that no layer may fall below, else all keep the same")
                       .at_least(0))
        .scope(BudgetScope::kModel)
        .recents(0);  // a fraction of each layer's own budget: BudgetPolicy protects them
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    const std::int64_t layers = context.model.layers;
    PolicyContext of_layer = context;
    of_layer.budget_tokens =
        within(pyramid_budgets(context.context_tokens, static_cast<double>(context.budget_tokens),
                               layers, beta, window_size),
               layers * context.budget_tokens)[static_cast<std::size_t>(context.layer)];
    return std::make_unique<BudgetPolicy>(inner(), of_layer);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::PyramidKv, "pyramidkv", "1.0.0")
