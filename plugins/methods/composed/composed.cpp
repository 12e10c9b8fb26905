#include <algorithm>
#include <cmath>

#include "pressroom/plugin.h"
#include "pressroom/subset_view.h"
#include "pressroom/wrapper.h"
#include "two_methods.h"

namespace pressroom {

class ComposedPolicy final : public Policy {
 public:
  ComposedPolicy(const Method& first, const Method& second, const PolicyContext& context,
                 const EvictionPlan& plan, double first_ratio)
      : first_(first, context),
        second_(second, context),
        budget_(context.budget_tokens),
        first_ratio_(first_ratio) {
    first_.protect(plan.sinks, plan.recents);
    second_.protect(plan.sinks, plan.recents);
  }

  at::Tensor birth_scores(const EntriesView& entries) override {
    const EvictionPlan& plan = first_.plan();
    const bool is_first = plan.birth_scores || plan.ranking == Ranking::kBirthScore;
    return (is_first ? first_ : second_).policy().birth_scores(entries);
  }

  std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
    const std::int64_t entries = layer.head(0).size();  // as many in each head
    if (entries <= budget_) {
      return std::vector<at::Tensor>(static_cast<std::size_t>(layer.kv_heads()),
                                     to_tensor(indices_of({0, entries})));
    }
    std::vector<Indices> kept = first_.keep(layer, left_by_first(entries));
    const std::vector<Indices> chosen = second_.keep(SubsetLayer(layer, to_tensors(kept)), budget_);
    for (std::size_t h = 0; h < kept.size(); ++h) {
      Indices stay;
      for (const std::int64_t j : chosen[h]) stay.push_back(kept[h][static_cast<std::size_t>(j)]);
      kept[h] = std::move(stay);
    }
    return to_tensors(kept);
  }

  at::Tensor zeroed_channels(const HeadView& head) override {
    return (first_.plan().zeroes_channels ? first_ : second_).policy().zeroed_channels(head);
  }

 private:
  std::int64_t left_by_first(std::int64_t entries) const {
    if (second_.plan().ranking == Ranking::kNone) return budget_;
    const auto all = static_cast<double>(entries);
    const double left =
        first_ratio_ > 0 ? all * (1 - first_ratio_) : std::sqrt(all * static_cast<double>(budget_));
    return std::max(budget_, static_cast<std::int64_t>(left));
  }

  InnerPolicy first_;
  InnerPolicy second_;
  std::int64_t budget_;
  double first_ratio_;
};

class Composed final : public TwoMethods {
 public:
  PluginInfo describe() const override {
    return {"two methods in a row: the second acts on what the first leaves",
            "",
            {inner_method("first").help("evicts first"),
             inner_method("second").help("evicts from what is left, down to the budget"),
             number("first_ratio", 0)
                 .at_least(0)
                 .at_most(1)
                 .help("fraction the first removes; 0: both remove the same fraction")}};
  }

  void configure(const Parameters& parameters) override {
    take(parameters, "first", "second");
    first_ratio_ = parameters.number("first_ratio");
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    const EvictionPlan a = first().plan(budget_tokens);
    const EvictionPlan b = second().plan(budget_tokens);
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

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<ComposedPolicy>(first(), second(), context, plan(context.budget_tokens),
                                            first_ratio_);
  }

 private:
  double first_ratio_ = 0;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Composed, "composed", "1.0.0")
