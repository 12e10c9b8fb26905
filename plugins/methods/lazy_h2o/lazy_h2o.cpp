#include "lazy_policy.h"
#include "pressroom/plugin.h"
#include "pressroom/protection.h"
#include "pressroom/share.h"

namespace pressroom {

class LazyH2oPolicy final : public LazyPolicy {
 public:
  LazyH2oPolicy(const LazyRegions& regions, std::int64_t heavy)
      : LazyPolicy(regions), heavy_(heavy) {}

 private:
  Indices chosen(const HeadView& head, IndexRange middle) const override {
    return highest(to_floats(head.signal()).data(), middle, heavy_);
  }

  std::int64_t heavy_;
};

class LazyH2o final : public Method {
 public:
  PluginInfo describe() const override {
    std::vector<ParameterSpec> parameters = Protection::parameters(4, 0.5);
    parameters.push_back(tokens_or_fraction("heavy", 0)
                             .alias("heavy_size")
                             .help("heavy hitters: tokens, or a fraction of the budget; 0 for what "
                                   "the budget leaves"));
    parameters.push_back(integer("update_interval", 10)
                             .at_least(1)
                             .help("steps from one choice of heavy hitters to the next"));
    parameters.push_back(share_parameter());
    return {"h2o that chooses its heavy hitters at every n-th step only", "", parameters};
  }

  void configure(const Parameters& parameters) override {
    protection_.configure(parameters);
    heavy_ = parameters.tokens_or_fraction("heavy");
    update_interval_ = parameters.integer("update_interval");
    share_ = share_of(parameters);
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = protection_.plan(budget_tokens);
    require_room(
        {{"n_sink", plan.sinks}, {"recent", plan.recents}, {"heavy", heavy_.tokens(budget_tokens)}},
        budget_tokens, "budget");
    plan.ranking = Ranking::kKeep;
    plan.signal = Signal::kCumulativeAttention;
    plan.positions = Positions::kCacheIndex;
    set_share(plan, share_);
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    const EvictionPlan plan = protection_.plan(context.budget_tokens);
    const std::int64_t given = heavy_.tokens(context.budget_tokens);
    const std::int64_t heavy =
        heavy_.value > 0 ? given : context.budget_tokens - plan.sinks - plan.recents;
    return std::make_unique<LazyH2oPolicy>(
        LazyRegions{plan.sinks, plan.recents, plan.sinks + plan.recents + heavy, update_interval_},
        heavy);
  }

 private:
  Protection protection_;
  TokensOrFraction heavy_;
  std::int64_t update_interval_ = 1;
  Share share_ = Share::kKvHead;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::LazyH2o, "lazy_h2o", "1.0.0")
