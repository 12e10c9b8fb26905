#include <algorithm>
#include <cmath>

#include "pressroom/plugin.h"
#include "pressroom/subset_view.h"
#include "two_methods.h"

namespace pressroom {

struct Composed final : Declared<Composed, TwoMethods> {
  double first_ratio = 0;

  static Declaration<Composed> declare() {
    return Declaration<Composed>("two methods in a row: the second acts on what the first leaves")
        .parameter(&Composed::first, inner_method("first", "evicts first"))
        .parameter(&Composed::second,
                   inner_method("second", "evicts from what is left, down to the budget"))
        .parameter(
            &Composed::first_ratio,
            number("first_ratio", 0, "fraction the first removes; 0: both remove the same fraction")
                .at_least(0)
                .at_most(1));
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    const EvictionPlan a = first->plan(budget_tokens);
    const EvictionPlan b = second->plan(budget_tokens);
    if (a.ranking == Ranking::kKeep || b.ranking == Ranking::kKeep) {
      refuse("a method that decides by itself what to keep cannot be told how much to leave",
             "methods that score entries or zero channels");
    }
    if ((a.ranking == Ranking::kNone && !a.zeroes_channels) ||
        (b.ranking == Ranking::kNone && !b.zeroes_channels)) {
      refuse("one of the methods does nothing", "methods that score entries or zero channels");
    }
    if (a.ranking == Ranking::kNone && b.ranking == Ranking::kNone) {
      refuse("neither method evicts", "one that scores entries");
    }
    if (a.phases != b.phases) refuse("the methods act in different phases", "the same phases");
    EvictionPlan plan = plan_of_both(a, b);
    plan.interval = std::max(a.interval, b.interval);
    return plan;
  }

  struct Live final : PolicyOfTwo<Composed> {
    using PolicyOfTwo::PolicyOfTwo;

    bool keeps_state() const override {
      return first.policy().keeps_state() || second.policy().keeps_state();
    }

    std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
      const std::int64_t budget = context.budget_tokens;
      const std::int64_t entries = entries_per_head(layer);
      if (entries <= budget) return to_tensors(all_of(layer));
      const std::vector<Indices> kept = first.keep(layer, left_by_first(entries));
      return to_tensors(through(kept, second.keep(SubsetLayer(layer, to_tensors(kept)), budget)));
    }

    at::Tensor zeroed_channels(const HeadView& head) override {
      return (first.plan().zeroes_channels ? first : second).policy().zeroed_channels(head);
    }

    std::int64_t left_by_first(std::int64_t entries) const {
      const std::int64_t budget = context.budget_tokens;
      if (second.plan().ranking == Ranking::kNone) return budget;
      const auto all = static_cast<double>(entries);
      const double left = method.first_ratio > 0 ? all * (1 - method.first_ratio)
                                                 : std::sqrt(all * static_cast<double>(budget));
      return std::max(budget, static_cast<std::int64_t>(left));
    }
  };

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    const EvictionPlan both = plan(context.budget_tokens);
    return std::make_unique<Live>(*this, context, both.sinks, both.recents);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Composed, "composed", "1.0.0")
