#include "../leverage/standardised.h"
#include "non_causal_scores.h"
#include "pressroom/plugin.h"

namespace pressroom {

struct NonCausalPolicy final : Policy {
  NonCausalPolicy(std::int64_t chunk, bool with_padding)
      : chunk_size(chunk), padded(with_padding) {}

  std::vector<at::Tensor> score_layer(const LayerView& layer) override {
    std::vector<at::Tensor> scores;
    for (std::int64_t i = 0; i < layer.kv_heads(); ++i) {
      const HeadView& head = layer.head(i);
      scores.push_back(non_causal_scores(head, 0, head.size(), chunk_size, padded));
    }
    return standardised(scores);
  }

  std::int64_t chunk_size;
  bool padded;
};

class NonCausalAttention final : public Method {
 public:
  PluginInfo describe() const override {
    return {"ranks by attention received inside chunks, from earlier and later tokens alike",
            "Chari and Van Durme, Compactor: Calibrated Query-Agnostic KV Cache Compression with "
            "Approximate Leverage Scores, 2025, arXiv 2507.08143",
            {integer("chunk_size", 256).at_least(1).help("entries that attend to each other"),
             string("compat", "none")
                 .one_of({"none", "kvpress"})
                 .help("kvpress: zeros fill up the last chunk and take part in its softmax")}};
  }

  void configure(const Parameters& parameters) override {
    chunk_size_ = parameters.integer("chunk_size");
    padded_ = parameters.string("compat") == "kvpress";
  }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kScore;
    plan.needs.query_window = kAllQueries;
    plan.couples_heads = true;  // the spread that scores are measured in is the layer's
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& /*context*/) const override {
    return std::make_unique<NonCausalPolicy>(chunk_size_, padded_);
  }

 private:
  std::int64_t chunk_size_ = 0;
  bool padded_ = false;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::NonCausalAttention, "non_causal_attention", "1.0.0")
