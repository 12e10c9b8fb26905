#include <ATen/ATen.h>

#include <limits>

#include "pressroom/plugin.h"

namespace pressroom {

// Entries after the sinks fall into partitions of lag_size; a partition is measured against the
// channel ranges of the next one, which came later. Score: how unequally an entry's channels stand
// in those ranges, ranked within the partition. What has no next partition stays; where none has
// one, age ranks.
struct LagKv final : Scorer<LagKv> {
  std::int64_t n_sink = 0, lag_size = 1;
  bool cross_scoring = false;

  static Declaration<LagKv> declare() {
    return Declaration<LagKv>(
               "keeps entries whose channels stand out against the range of those that came later")
        .paper(
            "Liang et al., LagKV: Lag-Relative Information of the KV Cache Tells Which Tokens Are "
            "Important, 2025, arXiv 2504.04704")
        .sinks(&LagKv::n_sink, 4, "first tokens, never evicted")
        .parameter(&LagKv::lag_size, integer("lag_size", 128, "entries of a partition").at_least(1))
        .parameter(&LagKv::cross_scoring,
                   boolean("cross_scoring", false,
                           "compare scores across partitions, not ranks within them"));
  }

  at::Tensor score(const HeadView& head, const PolicyContext& /*context*/) const {
    const IndexRange rest = evictable(head, n_sink, 0);
    const std::int64_t partitions = rest.size() / lag_size;
    at::Tensor scores = at::arange(rest.size(), at::kFloat) / rest.size();
    if (partitions > 1) {
      const auto spread = [&](const at::Tensor& of_entries) {
        const IndexRange whole{rest.begin, rest.begin + partitions * lag_size};
        return spread_of(rows_of(of_entries, whole).unflatten(0, {partitions, lag_size}));
      };
      scores = (spread(head.keys()) + spread(head.values())) / 2;  // [P-1,lag]
      if (!cross_scoring) scores = ranks(scores) / lag_size;
    }
    const std::int64_t newer = head.size() - rest.begin - scores.numel();
    return at::constant_pad_nd(scores.flatten(), {rest.begin, newer}, 1);
  }

  // [P,lag,d] to [P-1,lag]: softmax over a partition of the standard deviation over an entry's
  // channels.
  static at::Tensor spread_of(const at::Tensor& partitions) {
    const at::Tensor next = partitions.slice(0, 1);
    const at::Tensor low = next.amin(1, /*keepdim=*/true);
    at::Tensor range = next.amax(1, /*keepdim=*/true) - low;
    // A channel without a range tells nothing: it stands at 0.
    range.masked_fill_(range == 0, std::numeric_limits<float>::infinity());
    const at::Tensor standing = (partitions.slice(0, 0, -1) - low) / range;
    return standing.std(-1, /*unbiased=*/true).softmax(-1);
  }

  // 0, 1, ... in each row, in ascending order of its scores; of equals the newer ranks higher.
  static at::Tensor ranks(const at::Tensor& scores) {
    const at::Tensor order = scores.argsort(/*stable=*/true, -1, /*descending=*/false);
    return order.argsort().to(at::kFloat);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::LagKv, "lagkv", "1.0.0")
