#include <ATen/ATen.h>

#include <cmath>

#include "pressroom/plugin.h"
#include "pressroom/rope.h"

namespace pressroom {

// Future queries are taken to be normal, with the moments of the queries so far. Of q ~ N(m, S)
// turned by R, the mean rotation of the positions to come, E exp(q k / sqrt d) is
// exp(k R m / sqrt d + k R S R' k / 2d). Score: that, as a share of all entries, times |v|.
struct ExpectedAttention final : StatefulMethod<ExpectedAttention, Ranking::kScore> {
  std::int64_t n_future_positions = 0, n_sink = 0;
  bool use_covariance = true, use_vnorm = true;
  double epsilon = 0;

  static Declaration<ExpectedAttention> declare() {
    using Self = ExpectedAttention;
    return Declaration<Self>(
               "keeps what queries to come are expected to attend to, by the moments of past "
               "queries")
        .paper(
            "Devoto, Jeblick and Jegou, Expected Attention: KV Cache Compression by Estimating "
            "Attention from Future Queries Distribution, 2025, arXiv 2510.00636")
        .parameter(&Self::n_future_positions,
                   integer("n_future_positions", 512,
                           "positions to come that the rotation is averaged over")
                       .at_least(1))
        .sinks(&Self::n_sink, 4, "first tokens, never evicted; their queries do not count")
        .parameter(&Self::use_covariance,
                   boolean("use_covariance", true, "second moments count, not the mean alone"))
        .parameter(&Self::use_vnorm,
                   boolean("use_vnorm", true, "multiply by the norm of the value"))
        .parameter(&Self::epsilon,
                   number("epsilon", 0, "added to the attention before that").at_least(0))
        .needs(&Needs::query_moments);
  }

  struct Live final : PolicyOf<ExpectedAttention> {
    using PolicyOf::PolicyOf;
    bool keeps_state() const override { return false; }

    at::Tensor score(const HeadView& head) override {
      const IndexRange range = evictable(head, method.n_sink, 0);
      if (range.size() == 0) return at::zeros({head.size()}, at::kFloat);
      at::Tensor scores = expected_logits(head, rows_of(head.keys(), range)).softmax(0).mean(1);
      if (method.use_vnorm) {
        const at::Tensor values = rows_of(head.values(), range);
        scores = (scores + method.epsilon) * at::norm(values, 2, -1);
      }
      return at::constant_pad_nd(scores, {range.begin, 0});
    }

    // [T,g], of `keys` [T,d].
    at::Tensor expected_logits(const HeadView& head, const at::Tensor& keys) {
      const std::int64_t width = keys.size(1);
      const at::Tensor turn = rotation_from(head.next_position());
      const at::Tensor mean = head.mean_query().mm(turn.t()) / std::sqrt(width);  // [g,d]
      if (!method.use_covariance) return keys.mm(mean.t());
      const std::int64_t group = mean.size(0);
      const at::Tensor spread = turn.matmul(head.query_covariance()).matmul(turn.t());  // [g,d,d]
      const at::Tensor columns = spread.permute({1, 0, 2}).reshape({width, group * width});
      const at::Tensor slopes =
          at::addmm(mean.reshape({1, group * width}), keys, columns, 1, 0.5 / width);  // [T,g*d]
      return (slopes.view({-1, group, width}) * keys.unsqueeze(1)).sum(-1);
    }

    // The same for all heads of a layer at one event.
    const at::Tensor& rotation_from(std::int64_t position) {
      if (position != turn_from) {
        turn = mean_rotation(position, method.n_future_positions, context.model);
        turn_from = position;
      }
      return turn;
    }

    std::int64_t turn_from = -1;
    at::Tensor turn;  // [d,d]
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::ExpectedAttention, "expected_attention", "1.0.0")
