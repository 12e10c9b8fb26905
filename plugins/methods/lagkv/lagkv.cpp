#include <ATen/ATen.h>

#include <algorithm>
#include <limits>

#include "pressroom/plugin.h"

namespace pressroom {

// Entries after the sinks fall into partitions of lag_size; a partition is measured against the
// channel ranges of the next one, which came later. Score: how unequally an entry's channels stand
// in those ranges, ranked within the partition. What has no next partition stays.
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
        .parameter(&LagKv::lag_size,
                   integer("lag_size", 128).at_least(1).help("entries of a partition"))
        .parameter(&LagKv::cross_scoring,
                   boolean("cross_scoring", false)
                       .help("compare scores across partitions, not ranks within them"));
  }

  at::Tensor score(const HeadView& head, const PolicyContext& /*context*/) const {
    const IndexRange rest = evictable(head, n_sink, 0);
    const std::int64_t partitions = rest.size() / lag_size;
    std::vector<float> scores(static_cast<std::size_t>(head.size()), 1);
    float* free = scores.data() + rest.begin;
    if (partitions < 2) {
      for (std::int64_t t = 0; t < rest.size(); ++t) {
        free[t] = static_cast<float>(t) / static_cast<float>(rest.size());
      }
      return at::tensor(scores);
    }
    const auto spread = [&](const at::Tensor& vectors) {
      return spread_of(vectors.narrow(0, rest.begin, partitions * lag_size)
                           .reshape({partitions, lag_size, vectors.size(1)}));
    };
    const std::vector<float> spreads =
        to_floats((spread(head.keys()) + spread(head.values())).flatten() / 2);
    std::copy(spreads.begin(), spreads.end(), free);
    for (std::int64_t p = 0; p < partitions - 1 && !cross_scoring; ++p) rank(free + p * lag_size);
    return at::tensor(scores);
  }

  // [P,lag,d] to [P-1,lag]: softmax over a partition of the standard deviation over an entry's
  // channels.
  static at::Tensor spread_of(const at::Tensor& all) {
    const std::int64_t partitions = all.size(0);
    const at::Tensor next = all.narrow(0, 1, partitions - 1);
    const at::Tensor low = next.amin(1, /*keepdim=*/true);
    at::Tensor range = next.amax(1, /*keepdim=*/true) - low;
    // A channel without a range tells nothing: it stands at 0.
    range.masked_fill_(range == 0, std::numeric_limits<float>::infinity());
    const at::Tensor standing = (all.narrow(0, 0, partitions - 1) - low) / range;
    return standing.std(-1, /*unbiased=*/true).softmax(-1);
  }

  // In place: 0, 1/lag, ... (lag-1)/lag in ascending order; of equals the newer ranks higher.
  void rank(float* scores) const {
    Indices order = indices_of({0, lag_size});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t a, std::int64_t b) { return scores[a] < scores[b]; });
    for (std::int64_t i = 0; i < lag_size; ++i) {
      scores[order[i]] = static_cast<float>(i) / static_cast<float>(lag_size);
    }
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::LagKv, "lagkv", "1.0.0")
