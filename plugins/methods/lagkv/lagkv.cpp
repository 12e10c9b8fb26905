#include <ATen/ATen.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "pressroom/plugin.h"
#include "pressroom/selection.h"

namespace pressroom {

// Entries after the sinks fall into partitions of lag_size; a partition is measured against the
// channel ranges of the next one, which came later. Score: how unequally an entry's channels stand
// in those ranges, ranked within the partition. What has no next partition stays.
class LagKvPolicy final : public Policy {
 public:
  LagKvPolicy(std::int64_t n_sink, std::int64_t lag_size, bool cross_scoring)
      : n_sink_(n_sink), lag_size_(lag_size), cross_scoring_(cross_scoring) {}

  at::Tensor score(const HeadView& head) override {
    const IndexRange rest = evictable(head, n_sink_, 0);
    const std::int64_t partitions = rest.size() / lag_size_;
    std::vector<float> scores(static_cast<std::size_t>(head.size()), 1);
    float* free = scores.data() + rest.begin;
    if (partitions < 2) {
      for (std::int64_t t = 0; t < rest.size(); ++t) {
        free[t] = static_cast<float>(t) / static_cast<float>(rest.size());
      }
      return at::tensor(scores);
    }
    const auto spread = [&](const at::Tensor& vectors) {
      return spread_of(vectors.narrow(0, rest.begin, partitions * lag_size_)
                           .reshape({partitions, lag_size_, vectors.size(1)}));
    };
    const std::vector<float> spreads =
        to_floats((spread(head.keys()) + spread(head.values())).flatten() / 2);
    std::copy(spreads.begin(), spreads.end(), free);
    for (std::int64_t p = 0; p < partitions - 1 && !cross_scoring_; ++p) {
      rank(free + p * lag_size_);
    }
    return at::tensor(scores);
  }

 private:
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
    Indices order(static_cast<std::size_t>(lag_size_));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](std::int64_t a, std::int64_t b) { return scores[a] < scores[b]; });
    for (std::int64_t i = 0; i < lag_size_; ++i) {
      scores[order[i]] = static_cast<float>(i) / static_cast<float>(lag_size_);
    }
  }

  std::int64_t n_sink_;
  std::int64_t lag_size_;
  bool cross_scoring_;
};

class LagKv final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps entries whose channels stand out against the range of those that came later",
            "Liang et al., LagKV: Lag-Relative Information of the KV Cache Tells Which Tokens Are "
            "Important, 2025, arXiv 2504.04704",
            {integer("n_sink", 4).at_least(0).alias("sinks").help("first tokens, never evicted"),
             integer("lag_size", 128).at_least(1).help("entries of a partition"),
             boolean("cross_scoring", false)
                 .help("compare scores across partitions, not ranks within them")}};
  }

  void configure(const Parameters& parameters) override {
    n_sink_ = parameters.integer("n_sink");
    lag_size_ = parameters.integer("lag_size");
    cross_scoring_ = parameters.boolean("cross_scoring");
  }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kScore;
    plan.sinks = n_sink_;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& /*context*/) const override {
    return std::make_unique<LagKvPolicy>(n_sink_, lag_size_, cross_scoring_);
  }

 private:
  std::int64_t n_sink_ = 0;
  std::int64_t lag_size_ = 1;
  bool cross_scoring_ = false;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::LagKv, "lagkv", "1.0.0")
