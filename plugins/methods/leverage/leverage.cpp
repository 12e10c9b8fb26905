#include "leverage_scores.h"
#include "pressroom/plugin.h"
#include "pressroom/sketch.h"
#include "standardised.h"

namespace pressroom {

struct LeveragePolicy final : Policy {
  LeveragePolicy(const PolicyContext& context, std::int64_t sketch_dimension) {
    for (std::int64_t head = 0; head < context.model.kv_heads; ++head) {
      const RandomKey key = context.random.with("leverage").with(head);
      sketches.push_back(gaussian_sketch(context.model.head_dim, sketch_dimension, key));
    }
  }

  std::vector<at::Tensor> score_layer(const LayerView& layer) override {
    std::vector<at::Tensor> scores;
    for (std::int64_t i = 0; i < layer.kv_heads(); ++i) {
      scores.push_back(leverage_scores(layer.head(i).keys_before_rope(), sketches.at(i)));
    }
    return standardised(scores);
  }

  std::vector<at::Tensor> sketches;
};

class Leverage final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps the entries whose keys stick out of the space the others span, by a sketch",
            "Chari and Van Durme, Compactor: Calibrated Query-Agnostic KV Cache Compression with "
            "Approximate Leverage Scores, 2025, arXiv 2507.08143",
            {integer("sketch_dimension", 48)
                 .at_least(1)
                 .help("columns of the random matrix that keys are multiplied by")}};
  }

  void configure(const Parameters& parameters) override {
    sketch_dimension_ = parameters.integer("sketch_dimension");
  }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kScore;
    plan.needs.keys_before_rope = true;
    plan.couples_heads = true;  // the spread that scores are measured in is the layer's
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<LeveragePolicy>(context, sketch_dimension_);
  }

 private:
  std::int64_t sketch_dimension_ = 0;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Leverage, "leverage", "1.0.0")
