#include <algorithm>

#include "pressroom/plugin.h"

namespace pressroom {

// Keeps position p at step t where p > t - window or p is a multiple of the stride; of the
// multiples outside the window no more than the budget has room for.
struct LocalStrided final : Keeper<LocalStrided> {
  TokensOrFraction local_window;
  std::int64_t stride = 1;
  std::string overflow;

  static Declaration<LocalStrided> declare() {
    return Declaration<LocalStrided>("keeps a recent window and every n-th token before it")
        .paper("Child et al., Generating Long Sequences with Sparse Transformers, arXiv 1904.10509")
        .parameter(
            &LocalStrided::local_window,
            tokens_or_fraction("local_window", 0.5,
                               "last tokens, never evicted: tokens, or a fraction of the budget")
                .at_least(0))
        .parameter(&LocalStrided::stride,
                   integer("stride", 64, "of older tokens, positions it divides stay").at_least(1))
        .parameter(&LocalStrided::overflow,
                   string("overflow", "recent",
                          "where the budget is too small for all of them: the most recent stay, "
                          "or the stride doubles")
                       .one_of({"recent", "double"}))
        .planned([](const LocalStrided& self, std::int64_t budget_tokens, EvictionPlan& plan) {
          plan.recents = self.window(budget_tokens);
          // Position 0 is a multiple of every stride.
          require_room({{"local_window", plan.recents}, {"strided", self.doubles() ? 1 : 0}},
                       budget_tokens, "budget");
        });
  }

  Indices keep(const HeadView& head, const PolicyContext& context) const {
    const Indices positions = to_indices(head.positions());
    const std::int64_t last = window(context.budget_tokens), room = context.budget_tokens - last;
    const std::int64_t local = positions.back() - last + 1;  // the window's first position
    std::int64_t spacing = stride;
    // Counted over all positions so far, not over those held, so that a stride never shrinks back.
    while (doubles() && local > 0 && (local - 1) / spacing + 1 > room) spacing *= 2;
    Indices strided;
    std::int64_t begin = 0;  // of the window
    for (; positions[begin] < local; ++begin) {
      if (positions[begin] % spacing == 0) strided.push_back(begin);
    }
    return all_but(head, {0, begin}, newest(std::move(strided), room));
  }

 private:
  // The newest entry is always in it: it has just been computed.
  std::int64_t window(std::int64_t budget_tokens) const {
    return std::max<std::int64_t>(local_window.tokens(budget_tokens), 1);
  }

  bool doubles() const { return overflow == "double"; }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::LocalStrided, "local_strided", "1.0.0")
