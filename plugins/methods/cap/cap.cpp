#include <ATen/ATen.h>

#include "pressroom/plugin.h"
#include "pressroom/rope.h"

namespace pressroom {

struct Cap final : Scorer<Cap> {
  double tau = 0, epsilon = 0;
  std::int64_t n_future_positions = 0, n_sink = 0;

  static Declaration<Cap> declare() {
    return Declaration<Cap>(
               "keeps values that add most to the space spanned by what future queries will read")
        .paper(
            "Rethinking KV Cache Eviction via a Unified Information-Theoretic Objective (CapKV), "
            "2026, arXiv 2604.25975")
        .parameter(&Cap::tau,
                   number("tau", 5, "sharpness of the alignment of queries and keys").at_least(0))
        .parameter(&Cap::n_future_positions,
                   integer("n_future_positions", 512,
                           "positions to come over which the expected query is averaged")
                       .at_least(1))
        .sinks(&Cap::n_sink, 4)
        .parameter(&Cap::epsilon,
                   number("epsilon", 1e-6, "added to each weight in the matrix").at_least(0))
        .needs(&Needs::query_moments);
  }

  at::Tensor score(const HeadView& head, const PolicyContext& context) const {
    const IndexRange range = evictable(head, n_sink, 0);
    if (range.size() == 0) return at::zeros({head.size()});
    const at::Tensor keys = rows_of(head.keys(), range).to(at::kDouble);
    const at::Tensor values = rows_of(head.values(), range).to(at::kDouble);
    const at::Tensor weights = alignment(head, keys, context.model);
    const at::Tensor weighted = values * (weights + epsilon).unsqueeze(2);  // [g,n,d]
    // A = I + sum_j (w_j + epsilon) v_j v_j', one for each query head
    const at::Tensor capacity =
        at::matmul(weighted.transpose(1, 2), values) + at::eye(values.size(1), at::kDouble);
    const at::Tensor factor = at::linalg_cholesky(capacity);
    const at::Tensor solved = at::linalg_solve_triangular(
        factor, values.t().unsqueeze(0).expand({factor.size(0), -1, -1}), /*upper=*/false);
    const at::Tensor scores = (weights * solved.square().sum(1)).mean(0).to(at::kFloat);
    return at::constant_pad_nd(scores, {range.begin, 0});
  }

  // [g,n]: exp(tau cos(query expected in future, key)), 1 for the best entry of each query head.
  at::Tensor alignment(const HeadView& head, const at::Tensor& keys,
                       const ModelFacts& model) const {
    const at::Tensor rotation =
        mean_rotation(head.next_position(), n_future_positions, model).to(at::kDouble);
    const at::Tensor anchors = head.mean_query().to(at::kDouble).mm(rotation.t());  // [g,d]
    const at::Tensor cosine = unit(anchors).mm(unit(keys).t());
    return ((cosine - cosine.amax(1, /*keepdim=*/true)) * tau).exp();
  }

  static at::Tensor unit(const at::Tensor& rows) {
    return rows / rows.norm(2, -1, /*keepdim=*/true).clamp_min(1e-12);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Cap, "cap", "1.0.0")
