#include <ATen/ATen.h>

#include <algorithm>

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
        .parameter(
            &Finch::window_size,
            integer("window_size", 64)
                .at_least(1)
                .alias("window")
                .help("last queries, whose attention decides; their entries are never evicted"))
        .parameter(&Finch::normalize_scores,
                   boolean("normalize_scores", true)
                       .help("weigh each query by the number of entries before it"))
        .parameter(&Finch::rerotate_keys,
                   boolean("rerotate_keys", true)
                       .help("positions by cache index after evictions, else the original ones"))
        .window(&Finch::window_size);
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = Scorer::plan(budget_tokens);
    plan.positions = rerotate_keys ? Positions::kCacheIndex : Positions::kOriginal;
    return plan;
  }

  at::Tensor score(const HeadView& head, const PolicyContext& /*context*/) const {
    const WindowAttention window = window_attention(head);
    std::vector<float> factors(window.visible.size(), 1);
    if (normalize_scores) {
      for (std::size_t i = 0; i < factors.size(); ++i) {
        factors[i] = static_cast<float>(std::max<std::int64_t>(window.visible[i] - 1, 0));
      }
    }
    at::Tensor scores = window.weights.t().mv(at::tensor(factors)) / window.weights.size(0);
    scores.narrow(0, window.older, head.size() - window.older).zero_();
    return scores;
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Finch, "finch", "1.0.0")
