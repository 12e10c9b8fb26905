#include <ATen/ATen.h>

#include "pressroom/plugin.h"
#include "pressroom/window_attention.h"

namespace pressroom {

// Score of an entry: the mean attention of the last queries, each multiplied by the number of
// entries before it, as attention thins out with the entries it is spread over.
struct Finch final : Scorer<Finch> {
  std::int64_t window_size = 0;
  bool normalize_scores = true, rerotate_keys = true;

  static Declaration<Finch> declare() {
    return Declaration<Finch>(
               "keeps what the last queries, the question, attend to; positions close up")
        .paper(
            "Corallo and Papotti, FINCH: Prompt-guided Key-Value Cache Compression for Large "
            "Language Models, TACL 2024, arXiv 2408.00167")
        .parameter(&Finch::window_size,
                   integer("window_size", 64,
                           "last queries, whose attention decides; their entries are never evicted")
                       .at_least(1)
                       .alias("window"))
        .parameter(&Finch::normalize_scores,
                   boolean("normalize_scores", true,
                           "weigh each query by the number of entries before it"))
        .parameter(&Finch::rerotate_keys,
                   boolean("rerotate_keys", true,
                           "positions by cache index after evictions, else the original ones"))
        .window(&Finch::window_size)
        .planned([](const Finch& self, EvictionPlan& plan) {
          plan.positions = self.rerotate_keys ? Positions::kCacheIndex : Positions::kOriginal;
        });
  }

  at::Tensor score(const HeadView& head, const PolicyContext& /*context*/) const {
    const WindowAttention window = window_attention(head);
    const at::Tensor before = (at::tensor(window.visible, at::kLong) - 1).clamp_min(0);  // [w]
    const at::Tensor factors = (normalize_scores ? before : at::ones_like(before)).to(at::kFloat);
    at::Tensor scores = window.weights.t().mv(factors) / window.weights.size(0);
    scores.narrow(0, window.older, head.size() - window.older).zero_();
    return scores;
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Finch, "finch", "1.0.0")
