#include "pressroom/plugin.h"
#include "pressroom/window_attention.h"

namespace pressroom {

// Score of an entry: the mean attention of the last queries, averaged over its neighbours; places
// beyond either end count as zeros. The window itself is protected.
struct SnapKv final : Scorer<SnapKv> {
  std::int64_t window_size = 0, kernel_size = 0;

  static Declaration<SnapKv> declare() {
    return Declaration<SnapKv>(
               "keeps what a window of recent queries attends to, neighbours included")
        .paper(
            "Li et al., SnapKV: LLM Knows What You are Looking for Before Generation, NeurIPS "
            "2024, arXiv 2404.14469")
        .parameter(&SnapKv::window_size,
                   integer("window_size", 64,
                           "last queries, whose attention decides; their entries are never evicted")
                       .at_least(1)
                       .alias("window"))
        .parameter(&SnapKv::kernel_size,
                   integer("kernel_size", 5, "entries averaged over").at_least(1).odd())
        .window(&SnapKv::window_size);
  }

  at::Tensor score(const HeadView& head, const PolicyContext& /*context*/) const {
    const WindowAttention window = window_attention(head);
    const at::Tensor older = window.weights.mean(0).narrow(0, 0, window.older);
    return with_zeros(box_mean(to_floats(older), kernel_size), head.size());
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::SnapKv, "snapkv", "1.0.0")
