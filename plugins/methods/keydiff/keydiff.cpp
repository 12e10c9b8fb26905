#include <ATen/ATen.h>

#include "pressroom/plugin.h"

namespace pressroom {

// Score of an entry: -cos(k, anchor), the anchor the mean direction of all keys held.
struct KeyDiff final : Scorer<KeyDiff> {
  static Declaration<KeyDiff> declare() {
    return Declaration<KeyDiff>(
               "keeps the entries whose keys point away from the mean direction of the keys")
        .paper(
            "Park et al., KeyDiff: Key Similarity-Based KV Cache Eviction for Long-Context LLM "
            "Inference in Resource-Constrained Environments, 2025, arXiv 2504.15364");
  }

  at::Tensor score(const HeadView& head, const PolicyContext& /*context*/) const {
    const at::Tensor keys = head.keys();                              // [T,d]
    const at::Tensor norms = at::norm(keys, 2, -1).clamp_min(1e-12);  // [T]
    // T times the anchor; its length falls out of the cosine.
    const at::Tensor anchor = keys.t().mv(norms.reciprocal());  // [d]
    return -keys.mv(anchor / at::norm(anchor).clamp_min(1e-8)) / norms;
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::KeyDiff, "keydiff", "1.0.0")
