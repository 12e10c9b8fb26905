#include "pressroom/plugin.h"
#include "separators.h"

namespace pressroom {

struct SepLlmSizes {
  std::int64_t sinks, separators, local, capacity;  // tokens
};

// A head that holds more than its capacity keeps sinks, separators and local window, then grows
// again. The separators kept at earlier cuts stand among those before the window.
class SepLlmPolicy final : public Policy {
 public:
  SepLlmPolicy(const SepLlmSizes& sizes, const Separators& separators)
      : sizes_(sizes), separators_(separators) {}

  at::Tensor keep(const HeadView& head) override {
    const Indices all = indices_of({0, head.size()});
    if (head.size() <= sizes_.capacity) return to_tensor(all);
    const IndexRange past = evictable(head, sizes_.sinks, sizes_.local);
    const Indices kept = newest(separators_.within(head, past), sizes_.separators);
    return to_tensor(without(all, without(indices_of(past), kept)));
  }

 private:
  SepLlmSizes sizes_;
  const Separators& separators_;
};

class SepLlm final : public Method {
 public:
  PluginInfo describe() const override {
    std::vector<ParameterSpec> parameters = {
        integer("n_sink", 4)
            .at_least(0)
            .alias("sinks")
            .alias("start_size")
            .alias("init_cache_size")
            .help("first tokens of the document, never evicted"),
        tokens_or_fraction("separators", 0.08)
            .alias("separator_size")
            .alias("sep_cache_size")
            .help("most recent separators that stay: tokens, or a fraction of the budget"),
        tokens_or_fraction("local", 0.32)
            .alias("local_size")
            .help("last entries, never evicted: tokens, or a fraction of the budget"),
        tokens_or_fraction("capacity", 0)
            .alias("cache_size")
            .help("entries at which a head is cut: tokens, or a fraction of the budget; 0 for the "
                  "budget")};
    for (const ParameterSpec& spec : Separators::parameters()) parameters.push_back(spec);
    return {"keeps sinks, separators and a local window, cut in bulk when the cache is full",
            "Chen et al., SepLLM: Accelerate Large Language Models by Compressing One Segment into "
            "One Separator, ICML 2025, arXiv 2412.12094",
            parameters};
  }

  void configure(const Parameters& parameters) override {
    n_sink_ = parameters.integer("n_sink");
    sizes_[0] = parameters.tokens_or_fraction("separators");
    sizes_[1] = parameters.tokens_or_fraction("local");
    sizes_[2] = parameters.tokens_or_fraction("capacity");
    separators_.configure(parameters);
  }

  void bind(const ModelContext& context) override { separators_.bind(context); }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    const SepLlmSizes sizes = this->sizes(budget_tokens);
    require_room({{"capacity", sizes.capacity}}, budget_tokens, "budget");
    // One entry more, or every step would cut.
    require_room({{"n_sink", sizes.sinks},
                  {"separators", sizes.separators},
                  {"local", sizes.local},
                  {"room to grow", 1}},
                 sizes.capacity, "capacity");
    EvictionPlan plan;
    plan.ranking = Ranking::kKeep;
    plan.sinks = sizes.sinks;
    plan.recents = sizes.local;
    plan.positions = Positions::kCacheIndex;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<SepLlmPolicy>(sizes(context.budget_tokens), separators_);
  }

 private:
  SepLlmSizes sizes(std::int64_t budget_tokens) const {
    const std::int64_t capacity = sizes_[2].tokens(budget_tokens);
    return {n_sink_, sizes_[0].tokens(budget_tokens), sizes_[1].tokens(budget_tokens),
            sizes_[2].value > 0 ? capacity : budget_tokens};
  }

  std::int64_t n_sink_ = 0;
  TokensOrFraction sizes_[3];  // separators, local, capacity
  Separators separators_;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::SepLlm, "sepllm", "1.0.0")
