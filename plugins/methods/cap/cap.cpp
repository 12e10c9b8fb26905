#include <ATen/ATen.h>

#include "pressroom/plugin.h"
#include "pressroom/rope.h"
#include "pressroom/selection.h"

namespace pressroom {

struct CapSettings {
  double tau = 0;
  std::int64_t n_future_positions = 0;
  std::int64_t n_sink = 0;
  double epsilon = 0;
};

struct CapPolicy final : Policy {
  CapPolicy(const PolicyContext& context, const CapSettings& chosen)
      : model(context.model), settings(chosen) {}

  // [g,n]: exp(tau cos(query expected in future, key)), 1 for the best entry of each query head.
  at::Tensor alignment(const HeadView& head, const at::Tensor& keys) const {
    const at::Tensor rotation =
        mean_rotation(head.next_position(), settings.n_future_positions, model).to(at::kDouble);
    const at::Tensor anchors = head.mean_query().to(at::kDouble).mm(rotation.t());  // [g,d]
    const at::Tensor cosine = unit(anchors).mm(unit(keys).t());
    return ((cosine - cosine.amax(1, /*keepdim=*/true)) * settings.tau).exp();
  }

  at::Tensor score(const HeadView& head) override {
    const IndexRange range = evictable(head, settings.n_sink, 0);
    if (range.size() == 0) return at::zeros({head.size()});
    const at::Tensor keys = head.keys().narrow(0, range.begin, range.size()).to(at::kDouble);
    const at::Tensor values = head.values().narrow(0, range.begin, range.size()).to(at::kDouble);
    const at::Tensor weights = alignment(head, keys);
    const at::Tensor weighted = values * (weights + settings.epsilon).unsqueeze(2);  // [g,n,d]
    // A = I + sum_j (w_j + epsilon) v_j v_j', one for each query head
    const at::Tensor capacity =
        at::matmul(weighted.transpose(1, 2), values) + at::eye(values.size(1), at::kDouble);
    const at::Tensor factor = at::linalg_cholesky(capacity);
    const at::Tensor solved = at::linalg_solve_triangular(
        factor, values.t().unsqueeze(0).expand({factor.size(0), -1, -1}), /*upper=*/false);
    const at::Tensor scores = (weights * solved.square().sum(1)).mean(0).to(at::kFloat);
    return at::constant_pad_nd(scores, {range.begin, 0});
  }

  static at::Tensor unit(const at::Tensor& rows) {
    return rows / rows.norm(2, -1, /*keepdim=*/true).clamp_min(1e-12);
  }

  ModelFacts model;
  CapSettings settings;
};

class Cap final : public Method {
 public:
  PluginInfo describe() const override {
    return {
        "keeps values that add most to the space spanned by what future queries will read",
        "Rethinking KV Cache Eviction via a Unified Information-Theoretic Objective (CapKV), 2026, "
        "arXiv 2604.25975",
        {number("tau", 5).at_least(0).help("sharpness of the alignment of queries and keys"),
         integer("n_future_positions", 512)
             .at_least(1)
             .help("positions to come over which the expected query is averaged"),
         integer("n_sink", 4)
             .at_least(0)
             .alias("sinks")
             .alias("start_size")
             .help("first tokens of the document, never evicted"),
         number("epsilon", 1e-6).at_least(0).help("added to each weight in the matrix")}};
  }

  void configure(const Parameters& parameters) override {
    settings_ = {parameters.number("tau"), parameters.integer("n_future_positions"),
                 parameters.integer("n_sink"), parameters.number("epsilon")};
  }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kScore;
    plan.sinks = settings_.n_sink;
    plan.needs.query_moments = true;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<CapPolicy>(context, settings_);
  }

 private:
  CapSettings settings_;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Cap, "cap", "1.0.0")
