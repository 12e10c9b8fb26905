#include <ATen/ATen.h>

#include "pressroom/plugin.h"

namespace pressroom {

// Ranks by age: the newest entries outrank all older ones.
struct StreamingLlm final : BirthScorer<StreamingLlm> {
  std::int64_t n_sink = 0;

  static Declaration<StreamingLlm> declare() {
    return Declaration<StreamingLlm>("keeps the first n_sink entries and the most recent ones")
        .paper(
            "Xiao et al., Efficient Streaming Language Models with Attention Sinks, ICLR 2024, "
            "arXiv 2309.17453")
        .sinks(&StreamingLlm::n_sink, 4)
        .positions(Positions::kCacheIndex);
  }

  at::Tensor birth_scores(const EntriesView& entries, const PolicyContext& /*context*/) const {
    const std::int64_t kv_heads = entries.keys().size(0);
    return entries.positions().to(at::kFloat).expand({kv_heads, entries.size()});
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::StreamingLlm, "streaming_llm", "1.0.0")
