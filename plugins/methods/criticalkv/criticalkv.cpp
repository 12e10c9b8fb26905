#include <ATen/ATen.h>

#include <limits>

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
                   number("epsilon", 1e-4).at_least(0).help("added to the inner scores"))
        .parameter(&CriticalKv::first_stage_ratio,
                   number("first_stage_ratio", 0.5)
                       .at_least(0)
                       .at_most(1)
                       .help("fraction of the budget that the inner scores alone decide"))
        .needs(&Needs::output_projection);
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = StatefulWrapper::plan(budget_tokens);
    plan.sized_by_budget = plan.sized_by_budget || first_stage_ratio > 0;
    return plan;
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
      const std::vector<float> norms = output_norms(head);
      const at::Tensor rescored = scores.clone();
      float* score = rescored.data_ptr<float>();
      for (std::size_t j = 0; j < norms.size(); ++j) {
        score[j] = static_cast<float>((score[j] + method.epsilon) * norms[j]);
      }
      for (const std::int64_t j : first_stage) score[j] = std::numeric_limits<float>::max();
      return rescored;
    }

    // nu of each entry. It belongs to the value alone, so it is worked out once for each position.
    std::vector<float> output_norms(const HeadView& head) {
      const auto view = static_cast<std::size_t>(head.kv_head());
      if (known.size() <= view) known.resize(view + 1);
      std::vector<float>& of_head = known[view];
      const at::Tensor positions = head.positions().contiguous();
      const std::int64_t* position = positions.data_ptr<std::int64_t>();
      const std::int64_t entries = head.size();
      if (entries > 0 && static_cast<std::int64_t>(of_head.size()) <= position[entries - 1]) {
        of_head.resize(static_cast<std::size_t>(position[entries - 1] + 1), -1);
      }
      Indices unknown;
      for (std::int64_t j = 0; j < entries; ++j) {
        if (of_head[position[j]] < 0) unknown.push_back(j);
      }
      if (!unknown.empty()) {
        const at::Tensor values = head.values().index_select(0, to_tensor(unknown));  // [u,d]
        const at::Tensor w_o = head.output_projection();                              // [D,g*d]
        const std::int64_t group = w_o.size(1) / values.size(1);
        at::Tensor sum = at::zeros({values.size(0)}, at::kFloat);
        for (const at::Tensor& w_h : w_o.chunk(group, 1)) sum += values.mm(w_h.t()).norm(1, -1);
        const std::vector<float> norms = to_floats(sum / group);
        for (std::size_t i = 0; i < norms.size(); ++i) of_head[position[unknown[i]]] = norms[i];
      }
      std::vector<float> norms(static_cast<std::size_t>(entries));
      for (std::int64_t j = 0; j < entries; ++j) norms[j] = of_head[position[j]];
      return norms;
    }

    std::vector<std::vector<float>> known;  // [kv_head][position], -1 where unknown
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::CriticalKv, "criticalkv", "1.0.0")
