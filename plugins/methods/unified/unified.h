// Sinks, separators, heavy hitters and a local window in one cache. Two plugins are this method.
#pragma once

#include <string>

#include "../lazy_h2o/lazy_method.h"
#include "../sepllm/separators.h"

namespace pressroom {

// Of the middle the newest separators stay, and of the others the highest by cumulative attention.
template <typename Self>
struct UnifiedMethod : LazyMethod<Self> {
  TokensOrFraction separators, local;
  Separators marks;

  // `usual_interval`: the default of `update_interval`, 0 where there is no such parameter and
  // every step chooses anew.
  static Declaration<Self> declaration_of(const std::string& summary, std::int64_t usual_interval) {
    Declaration<Self> declaration(summary);
    declaration.sinks(&UnifiedMethod::n_sink, 4)
        .parameter(&UnifiedMethod::separators, separators_parameter(0.14))
        .parameter(&UnifiedMethod::heavy, UnifiedMethod::heavy_parameter())
        .parameter(&UnifiedMethod::local, local_parameter(0.57));
    if (usual_interval > 0) {
      declaration.parameter(&UnifiedMethod::update_interval,
                            integer("update_interval", usual_interval,
                                    "steps from one choice of the middle to the next")
                                .at_least(1));
    }
    return declaration.part(&UnifiedMethod::marks)
        .share(&UnifiedMethod::share)
        .signal(Signal::kCumulativeAttention)
        .positions(Positions::kCacheIndex);
  }

  void bind(const ModelContext& context) override { marks.bind(context); }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = LazyMethod<Self>::plan(budget_tokens);
    plan.recents = local.tokens(budget_tokens);
    require_room({{"n_sink", plan.sinks},
                  {"separators", separators.tokens(budget_tokens)},
                  {"heavy", this->heavy.tokens(budget_tokens)},
                  {"local", plan.recents}},
                 budget_tokens, "budget");
    return plan;
  }

  LazySizes sizes(std::int64_t budget_tokens) const {
    LazySizes sizes{this->n_sink, local.tokens(budget_tokens), separators.tokens(budget_tokens), 0};
    sizes.heavy = this->heavy_tokens(budget_tokens, sizes.capacity());
    return sizes;
  }

  Indices chosen(const HeadView& head, IndexRange middle, const LazySizes& sizes) const {
    const Indices kept = newest(marks.within(head, middle), sizes.separators);
    const Indices others = without(indices_of(middle), kept);
    return merged(kept, highest(to_floats(head.signal()).data(), others, sizes.heavy));
  }
};

}  // namespace pressroom
