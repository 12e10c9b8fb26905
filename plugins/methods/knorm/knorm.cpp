#include <ATen/ATen.h>

#include "pressroom/plugin.h"

namespace pressroom {

// Score of an entry: -|k|, the negated Euclidean norm of its key. Rotation does not change a norm,
// so it is taken before rotation: equal keys then tie to the bit, and the engine's tie rule
// decides.
struct Knorm final : BirthScorer<Knorm> {
  std::int64_t n_sink = 0;
  TokensOrFraction recent;

  static Declaration<Knorm> declare() {
    return Declaration<Knorm>("keeps the entries whose keys have the smallest norm")
        .paper(
            "Devoto et al., A Simple and Effective L2 Norm-Based Strategy for KV Cache "
            "Compression, EMNLP 2024, arXiv 2406.11430")
        .sinks(&Knorm::n_sink, 0)
        .recents(&Knorm::recent, 0);
  }

  at::Tensor birth_scores(const EntriesView& entries, const PolicyContext& /*context*/) const {
    return -at::norm(entries.keys_before_rope(), 2, -1);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Knorm, "knorm", "1.0.0")
