#include <ATen/ATen.h>

#include <cmath>
#include <limits>

#include "pressroom/plugin.h"
#include "pressroom/wrapper.h"

namespace pressroom {

// Two stages: the `first_tokens` highest inner scores stay; of the others an entry counts with
// (s + epsilon) nu, nu = the mean over the group's query heads of |W_O,h v|_1.
class CriticalKvPolicy final : public WrapperPolicy {
 public:
  CriticalKvPolicy(const Method& inner, const PolicyContext& context, std::int64_t first_tokens,
                   double epsilon)
      : WrapperPolicy(inner, context), first_tokens_(first_tokens), epsilon_(epsilon) {}

  at::Tensor score(const HeadView& head) override { return rescored(head, inner_.score(head)); }

  std::vector<at::Tensor> score_layer(const LayerView& layer) override {
    std::vector<at::Tensor> scores = inner_.scores(layer);
    for (std::size_t h = 0; h < scores.size(); ++h) {
      scores[h] = rescored(layer.head(static_cast<std::int64_t>(h)), scores[h]);
    }
    return scores;
  }

 private:
  at::Tensor rescored(const HeadView& head, const at::Tensor& scores) {
    const Indices first = inner_.keep(head, scores, first_tokens_);
    const std::vector<float> norms = output_norms(head);
    const at::Tensor rescored = scores.clone();
    float* score = rescored.data_ptr<float>();
    for (std::size_t j = 0; j < norms.size(); ++j) {
      score[j] = static_cast<float>((score[j] + epsilon_) * norms[j]);
    }
    for (const std::int64_t j : first) score[j] = std::numeric_limits<float>::max();
    return rescored;
  }

  // nu of each entry. It belongs to the value alone, so it is worked out once for each position.
  std::vector<float> output_norms(const HeadView& head) {
    const auto view = static_cast<std::size_t>(head.kv_head());
    if (known_.size() <= view) known_.resize(view + 1);
    std::vector<float>& known = known_[view];
    const at::Tensor positions = head.positions().contiguous();
    const std::int64_t* position = positions.data_ptr<std::int64_t>();
    const std::int64_t entries = head.size();
    if (entries > 0 && static_cast<std::int64_t>(known.size()) <= position[entries - 1]) {
      known.resize(static_cast<std::size_t>(position[entries - 1] + 1), -1);
    }
    Indices unknown;
    for (std::int64_t j = 0; j < entries; ++j) {
      if (known[position[j]] < 0) unknown.push_back(j);
    }
    if (!unknown.empty()) {
      const at::Tensor values = head.values().index_select(0, to_tensor(unknown));  // [u,d]
      const at::Tensor w_o = head.output_projection();                              // [D,g*d]
      const std::int64_t group = w_o.size(1) / values.size(1);
      at::Tensor sum = at::zeros({values.size(0)}, at::kFloat);
      for (const at::Tensor& w_h : w_o.chunk(group, 1)) sum += values.mm(w_h.t()).norm(1, -1);
      const std::vector<float> norms = to_floats(sum / group);
      for (std::size_t i = 0; i < norms.size(); ++i) known[position[unknown[i]]] = norms[i];
    }
    std::vector<float> norms(static_cast<std::size_t>(entries));
    for (std::int64_t j = 0; j < entries; ++j) norms[j] = known[position[j]];
    return norms;
  }

  std::int64_t first_tokens_;
  double epsilon_;
  std::vector<std::vector<float>> known_;  // [kv_head][position], -1 where unknown
};

class CriticalKv final : public Wrapper {
 public:
  PluginInfo describe() const override {
    return {"weighs the inner method's scores by what an entry's value adds to the output",
            "Feng et al., Identify Critical KV Cache in LLM Inference from an Output Perturbation "
            "Perspective, 2025, arXiv 2502.03805",
            {inner_method().help("the method whose scores are weighed"),
             number("epsilon", 1e-4).at_least(0).help("added to the inner scores"),
             number("first_stage_ratio", 0.5)
                 .at_least(0)
                 .at_most(1)
                 .help("fraction of the budget that the inner scores alone decide")}};
  }

  void configure(const Parameters& parameters) override {
    Wrapper::configure(parameters);
    epsilon_ = parameters.number("epsilon");
    first_stage_ratio_ = parameters.number("first_stage_ratio");
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = plan_around_scores(budget_tokens, Ranking::kScore);
    plan.needs.output_projection = true;
    plan.sized_by_budget = plan.sized_by_budget || first_stage_ratio_ > 0;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    const auto first =
        static_cast<std::int64_t>(static_cast<double>(context.budget_tokens) * first_stage_ratio_);
    return std::make_unique<CriticalKvPolicy>(inner(), context, first, epsilon_);
  }

 private:
  double epsilon_ = 0;
  double first_stage_ratio_ = 0;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::CriticalKv, "criticalkv", "1.0.0")
