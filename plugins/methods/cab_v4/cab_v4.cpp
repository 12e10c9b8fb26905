#include <cmath>

#include "../cab_v3/curvature_method.h"
#include "pressroom/plugin.h"
#include "pressroom/selection.h"

namespace pressroom {

// Of the places that are not protected, `ratio` go to the highest cumulative attention, the rest to
// the highest curvature among the others.
class CabV4Policy final : public CurvaturePolicy {
 public:
  CabV4Policy(double lambda, bool keeps_low, double ratio, const EvictionPlan& plan,
              std::int64_t budget_tokens)
      : CurvaturePolicy(lambda, keeps_low), ratio_(ratio), plan_(plan), budget_(budget_tokens) {}

  at::Tensor keep(const HeadView& head) override {
    const Indices all = indices_of({0, head.size()});
    if (head.size() <= budget_) return to_tensor(all);
    const IndexRange range = evictable(head, plan_.sinks, plan_.recents);
    const std::int64_t places = budget_ - (head.size() - range.size());
    const auto heavy = static_cast<std::int64_t>(std::floor(ratio_ * static_cast<double>(places)));
    Indices kept = highest(to_floats(head.signal()).data(), range, heavy);
    if (heavy < places) {
      const Indices rest = without(indices_of(range), kept);
      kept = merged(kept, highest(curvature(head).data(), rest, places - heavy));
    }
    return to_tensor(without(all, without(indices_of(range), kept)));
  }

 private:
  double ratio_;
  EvictionPlan plan_;
  std::int64_t budget_;
};

class CabV4 final : public CurvatureMethod {
 public:
  PluginInfo describe() const override {
    std::vector<ParameterSpec> all = parameters();
    all.push_back(number("magnitude_ratio", 0.5)
                      .at_least(0)
                      .at_most(1)
                      .help("part of the budget that goes by cumulative attention: 0 is cab_v3, 1 "
                            "h2o without a window"));
    return {"keeps the most attended entries, then those with the highest curvature", "", all};
  }

  void configure(const Parameters& parameters) override {
    CurvatureMethod::configure(parameters);
    ratio_ = parameters.number("magnitude_ratio");
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = CurvatureMethod::plan(budget_tokens);
    plan.ranking = Ranking::kKeep;
    plan.signal = Signal::kCumulativeAttention;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<CabV4Policy>(lambda_, keeps_low_, ratio_, plan(context.budget_tokens),
                                         context.budget_tokens);
  }

 private:
  double ratio_ = 0;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::CabV4, "cab_v4", "1.0.0")
