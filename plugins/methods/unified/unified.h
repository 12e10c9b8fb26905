// Sinks, separators, heavy hitters and a local window in one cache. Two plugins are this method.
#pragma once

#include <utility>

#include "../lazy_h2o/lazy_policy.h"
#include "../sepllm/separators.h"
#include "pressroom/share.h"

namespace pressroom {

struct UnifiedSizes {
  std::int64_t sinks, separators, heavy, local;  // tokens
  std::int64_t capacity() const { return sinks + separators + heavy + local; }
};

// Of the middle the newest separators stay, and of the others the highest by cumulative attention.
class UnifiedPolicy final : public LazyPolicy {
 public:
  UnifiedPolicy(const UnifiedSizes& sizes, std::int64_t update_interval,
                const Separators& separators)
      : LazyPolicy({sizes.sinks, sizes.local, sizes.capacity(), update_interval}),
        sizes_(sizes),
        separators_(separators) {}

 private:
  Indices chosen(const HeadView& head, IndexRange middle) const override {
    const Indices kept = newest(separators_.within(head, middle), sizes_.separators);
    const Indices others = without(indices_of(middle), kept);
    return merged(kept, highest(to_floats(head.signal()).data(), others, sizes_.heavy));
  }

  UnifiedSizes sizes_;
  const Separators& separators_;
};

// `update_interval`: the default of the parameter of that name, 0 where there is none and every
// step chooses anew.
class UnifiedMethod : public Method {
 public:
  UnifiedMethod(std::string summary, std::int64_t update_interval)
      : summary_(std::move(summary)), update_interval_(update_interval) {}

  PluginInfo describe() const override {
    std::vector<ParameterSpec> parameters = {
        integer("n_sink", 4)
            .at_least(0)
            .alias("sinks")
            .alias("start_size")
            .help("first tokens of the document, never evicted"),
        tokens_or_fraction("separators", 0.14)
            .alias("separator_size")
            .help("most recent separators that stay: tokens, or a fraction of the budget"),
        tokens_or_fraction("heavy", 0)
            .alias("heavy_size")
            .help("heavy hitters: tokens, or a fraction of the budget; 0 for what the budget "
                  "leaves"),
        tokens_or_fraction("local", 0.57)
            .alias("local_size")
            .help("last entries, never evicted: tokens, or a fraction of the budget")};
    if (update_interval_ > 0) {
      parameters.push_back(integer("update_interval", update_interval_)
                               .at_least(1)
                               .help("steps from one choice of the middle to the next"));
    }
    for (const ParameterSpec& spec : Separators::parameters()) parameters.push_back(spec);
    parameters.push_back(share_parameter());
    return {summary_, "", parameters};
  }

  void configure(const Parameters& parameters) override {
    n_sink_ = parameters.integer("n_sink");
    fractions_[0] = parameters.tokens_or_fraction("separators");
    fractions_[1] = parameters.tokens_or_fraction("heavy");
    fractions_[2] = parameters.tokens_or_fraction("local");
    if (update_interval_ > 0) update_interval_ = parameters.integer("update_interval");
    separators_.configure(parameters);
    share_ = share_of(parameters);
  }

  void bind(const ModelContext& context) override { separators_.bind(context); }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    const UnifiedSizes sizes = this->sizes(budget_tokens);
    require_room({{"n_sink", sizes.sinks},
                  {"separators", sizes.separators},
                  {"heavy", fractions_[1].tokens(budget_tokens)},
                  {"local", sizes.local}},
                 budget_tokens, "budget");
    EvictionPlan plan;
    plan.ranking = Ranking::kKeep;
    plan.signal = Signal::kCumulativeAttention;
    plan.sinks = sizes.sinks;
    plan.recents = sizes.local;
    plan.positions = Positions::kCacheIndex;
    set_share(plan, share_);
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<UnifiedPolicy>(
        sizes(context.budget_tokens), std::max<std::int64_t>(update_interval_, 1), separators_);
  }

 private:
  UnifiedSizes sizes(std::int64_t budget_tokens) const {
    UnifiedSizes sizes{n_sink_, fractions_[0].tokens(budget_tokens),
                       fractions_[1].tokens(budget_tokens), fractions_[2].tokens(budget_tokens)};
    if (fractions_[1].value == 0) sizes.heavy = budget_tokens - sizes.capacity();
    return sizes;
  }

  std::string summary_;
  std::int64_t update_interval_;
  std::int64_t n_sink_ = 0;
  TokensOrFraction fractions_[3];  // separators, heavy, local
  Separators separators_;
  Share share_ = Share::kKvHead;
};

}  // namespace pressroom
