#include "pressroom/plugin.h"
#include "separators.h"

namespace pressroom {

// A head that holds more than its capacity keeps sinks, separators and local window, then grows
// again. The separators kept at earlier cuts stand among those before the window.
struct SepLlm final : Keeper<SepLlm> {
  std::int64_t n_sink = 0;
  TokensOrFraction separators, local, capacity;
  Separators marks;

  static Declaration<SepLlm> declare() {
    return Declaration<SepLlm>(
               "keeps sinks, separators and a local window, cut in bulk when the cache is full")
        .paper(
            "Chen et al., SepLLM: Accelerate Large Language Models by Compressing One Segment "
            "into One Separator, ICML 2025, arXiv 2412.12094")
        .sinks(&SepLlm::n_sink, 4)
        .parameter(&SepLlm::separators, separators_parameter(0.08).alias("sep_cache_size"))
        .parameter(&SepLlm::local, local_parameter(0.32))
        .parameter(
            &SepLlm::capacity,
            tokens_or_fraction("capacity", 0,
                               "entries at which a head is cut: tokens, or a fraction of the "
                               "budget; 0 for the budget")
                .alias("cache_size"))
        .part(&SepLlm::marks)
        .positions(Positions::kCacheIndex)
        .planned([](const SepLlm& self, std::int64_t budget_tokens, EvictionPlan& plan) {
          const std::int64_t separators = self.separators.tokens(budget_tokens);
          const std::int64_t capacity = self.cut_beyond(budget_tokens);
          plan.recents = self.local.tokens(budget_tokens);
          require_room({{"capacity", capacity}}, budget_tokens, "budget");
          // One entry more, or every step would cut.
          require_room({{"n_sink", self.n_sink},
                        {"separators", separators},
                        {"local", plan.recents},
                        {"room to grow", 1}},
                       capacity, "capacity");
        });
  }

  void bind(const ModelContext& context) override { marks.bind(context); }

  Indices keep(const HeadView& head, const PolicyContext& context) const {
    const std::int64_t budget = context.budget_tokens;
    if (head.size() <= cut_beyond(budget)) return all_of(head);
    const IndexRange past = evictable(head, n_sink, local.tokens(budget));
    const Indices kept = newest(marks.within(head, past), separators.tokens(budget));
    return all_but(head, past, kept);
  }

 private:
  // The capacity in tokens.
  std::int64_t cut_beyond(std::int64_t budget_tokens) const {
    return capacity.value > 0 ? capacity.tokens(budget_tokens) : budget_tokens;
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::SepLlm, "sepllm", "1.0.0")
