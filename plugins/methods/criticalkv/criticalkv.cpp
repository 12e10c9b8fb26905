#include <ATen/ATen.h>

#include <limits>
#include <map>

#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

// Two stages: the highest inner scores stay, as many as `first_stage_ratio` of the budget; of the
// others an entry counts with (s + epsilon) nu, nu = the mean over the group's query heads of
// |W_O,h v|_1.
struct CriticalKv final : StatefulWrapper<CriticalKv, Ranking::kScore> {
  double epsilon = 0, first_stage_ratio = 0;

  static Declaration<CriticalKv> declare() {
    return Declaration<CriticalKv>(
               "weighs the inner method's scores by what an entry's value adds to the output")
        .paper(
            "Feng et al., Identify Critical KV Cache in LLM Inference from an Output Perturbation "
            "Perspective, 2025, arXiv 2502.03805")
        .inner("the method whose scores are weighed")
        .parameter(&CriticalKv::epsilon,
                   number("epsilon", 1e-4, "added to the inner scores").at_least(0))
        .parameter(&CriticalKv::first_stage_ratio,
                   number("first_stage_ratio", 0.5,
                          "fraction of the budget that the inner scores alone decide")
                       .at_least(0)
                       .at_most(1))
        .needs(&Needs::output_projection)
        .planned([](const CriticalKv& self, EvictionPlan& plan) {
          plan.sized_by_budget = plan.sized_by_budget || self.first_stage_ratio > 0;
        });
  }

  struct Live final : WrapperPolicyOf<CriticalKv> {
    using WrapperPolicyOf::WrapperPolicyOf;

    at::Tensor score(const HeadView& head) override { return rescored(head, inner_.score(head)); }

    std::vector<at::Tensor> score_layer(const LayerView& layer) override {
      std::vector<at::Tensor> scores = inner_.scores(layer);
      for (std::size_t h = 0; h < scores.size(); ++h) {
        scores[h] = rescored(layer.head(static_cast<std::int64_t>(h)), scores[h]);
      }
      return scores;
    }

    at::Tensor rescored(const HeadView& head, const at::Tensor& scores) {
      const Indices first_stage =
          inner_.keep(head, scores, fraction_of(context.budget_tokens, method.first_stage_ratio));
      const at::Tensor weighed = (scores.to(at::kDouble) + method.epsilon) * output_norms(head);
      return weighed.to(at::kFloat)
          .index_fill_(0, to_tensor(first_stage), std::numeric_limits<float>::max());
    }

    // [T]: nu of each entry. It belongs to the value alone, so it is worked out once for each
    // position.
    at::Tensor output_norms(const HeadView& head) {
      at::Tensor& nu = known[head.kv_head()];
      if (!nu.defined()) nu = at::empty({0}, at::kFloat);
      const at::Tensor positions = head.positions();
      const std::int64_t end = head.size() > 0 ? positions[-1].item<std::int64_t>() + 1 : 0;
      if (end > nu.size(0)) nu = at::constant_pad_nd(nu, {0, end - nu.size(0)}, -1);
      const at::Tensor unknown = (nu.index_select(0, positions) < 0).nonzero().flatten();
      if (unknown.numel() > 0) {
        const at::Tensor values = head.values().index_select(0, unknown);  // [u,d]
        const at::Tensor w_o = head.output_projection();                   // [D,g*d]
        const std::int64_t group = w_o.size(1) / values.size(1);
        at::Tensor sum = at::zeros({values.size(0)}, at::kFloat);
        for (const at::Tensor& w_h : w_o.chunk(group, 1)) sum += values.mm(w_h.t()).norm(1, -1);
        nu.index_copy_(0, positions.index_select(0, unknown), sum / group);
      }
      return nu.index_select(0, positions);
    }

    std::map<std::int64_t, at::Tensor> known;  // by KV head and position, -1 where unknown
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::CriticalKv, "criticalkv", "1.0.0")
