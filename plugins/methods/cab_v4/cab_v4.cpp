#include "../cab_v3/curvature_method.h"
#include "pressroom/plugin.h"

namespace pressroom {

// Of the places that are not protected, `magnitude_ratio` go to the highest cumulative attention,
// the rest to the highest curvature among the others.
struct CabV4 final : CurvatureMethod<CabV4, Ranking::kKeep> {
  double magnitude_ratio = 0;

  static Declaration<CabV4> declare() {
    return declaration_of("keeps the most attended entries, then those with the highest curvature")
        .parameter(&CabV4::magnitude_ratio,
                   number("magnitude_ratio", 0.5,
                          "part of the budget that goes by cumulative attention: 0 is cab_v3, "
                          "1 h2o without a window")
                       .at_least(0)
                       .at_most(1))
        .signal(Signal::kCumulativeAttention);
  }

  struct Live final : CurvaturePolicy<CabV4> {
    using CurvaturePolicy::CurvaturePolicy;

    at::Tensor keep(const HeadView& head) override {
      const std::int64_t budget = context.budget_tokens;
      if (head.size() <= budget) return to_tensor(all_of(head));
      const IndexRange range = evictable(head, method.n_sink, method.recent.tokens(budget));
      const std::int64_t places = budget - (head.size() - range.size());
      const std::int64_t heavy = fraction_of(places, method.magnitude_ratio);
      Indices kept = highest(to_floats(head.signal()).data(), range, heavy);
      if (heavy < places) {
        const Indices rest = without(indices_of(range), kept);
        kept = merged(kept, highest(curvature(head).data(), rest, places - heavy));
      }
      return to_tensor(all_but(head, range, kept));
    }
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::CabV4, "cab_v4", "1.0.0")
