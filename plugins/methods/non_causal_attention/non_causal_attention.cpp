#include "../leverage/standardised.h"
#include "non_causal_scores.h"
#include "pressroom/plugin.h"

namespace pressroom {

// Couples heads: the spread that scores are measured in is the layer's.
struct NonCausalAttention final : LayerScorer<NonCausalAttention> {
  std::int64_t chunk_size = 0;
  bool as_kvpress = false;

  static Declaration<NonCausalAttention> declare() {
    return Declaration<NonCausalAttention>(
               "ranks by attention received inside chunks, from earlier and later tokens alike")
        .paper(
            "Chari and Van Durme, Compactor: Calibrated Query-Agnostic KV Cache Compression with "
            "Approximate Leverage Scores, 2025, arXiv 2507.08143")
        .parameter(&NonCausalAttention::chunk_size,
                   integer("chunk_size", 256, "entries that attend to each other").at_least(1))
        .query_window(kAllQueries)
        .kvpress_compat(&NonCausalAttention::as_kvpress,
                        "kvpress: zeros fill up the last chunk and take part in its softmax");
  }

  std::vector<at::Tensor> score_layer(const LayerView& layer,
                                      const PolicyContext& /*context*/) const {
    std::vector<at::Tensor> scores;
    for (std::int64_t i = 0; i < layer.kv_heads(); ++i) {
      const HeadView& head = layer.head(i);
      scores.push_back(non_causal_scores(head, 0, head.size(), chunk_size, as_kvpress));
    }
    return standardised(scores);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::NonCausalAttention, "non_causal_attention", "1.0.0")
