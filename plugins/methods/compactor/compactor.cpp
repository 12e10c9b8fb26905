#include <algorithm>

#include "compactor_scores.h"
#include "pressroom/plugin.h"
#include "pressroom/sketch.h"

namespace pressroom {

struct CompactorPolicy final : Policy {
  CompactorPolicy(const PolicyContext& context, const CompactorSettings& chosen)
      : settings(chosen) {
    if (settings.blending < 0) {
      const auto whole = static_cast<double>(std::max<std::int64_t>(context.context_tokens, 1));
      settings.blending = std::max(0.0, 1 - static_cast<double>(context.budget_tokens) / whole);
    }
    for (std::int64_t head = 0; head < context.model.kv_heads; ++head) {
      const RandomKey key = context.random.with("leverage").with(head);
      sketches.push_back(gaussian_sketch(context.model.head_dim, settings.sketch_dimension, key));
    }
  }

  std::vector<at::Tensor> score_layer(const LayerView& layer) override {
    return compactor_scores(layer, sketches, settings);
  }

  CompactorSettings settings;
  std::vector<at::Tensor> sketches;
};

class Compactor final : public Method {
 public:
  PluginInfo describe() const override {
    return {
        "adds leverage scores of keys and non-causal attention in chunks",
        "Chari and Van Durme, Compactor: Calibrated Query-Agnostic KV Cache Compression with "
        "Approximate Leverage Scores, 2025, arXiv 2507.08143",
        {integer("sink_size_start", 8)
             .at_least(0)
             .alias("n_sink")
             .alias("sinks")
             .help("first tokens, never evicted"),
         integer("sink_size_end", 4)
             .at_least(0)
             .alias("recent")
             .help("last entries, never evicted"),
         integer("chunk_size", 256).at_least(1).help("entries that attend to each other"),
         integer("sketch_dimension", 48)
             .at_least(1)
             .help("columns of the random matrix that keys are multiplied by"),
         number("blending", -1)
             .help("weight of the leverage scores; negative: the share of the context that leaves"),
         string("compat", "none")
             .one_of({"none", "kvpress"})
             .help("kvpress: zeros fill up the last chunk and take part in its softmax")}};
  }

  void configure(const Parameters& parameters) override {
    settings_ = {parameters.integer("sink_size_start"), parameters.integer("sink_size_end"),
                 parameters.integer("chunk_size"),      parameters.integer("sketch_dimension"),
                 parameters.number("blending"),         parameters.string("compat") == "kvpress"};
  }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kScore;
    plan.sinks = settings_.sink_size_start;
    plan.recents = settings_.sink_size_end;
    plan.needs.keys_before_rope = true;
    plan.needs.query_window = kAllQueries;
    plan.couples_heads = true;
    plan.sized_by_budget = settings_.blending < 0;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<CompactorPolicy>(context, settings_);
  }

 private:
  CompactorSettings settings_;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Compactor, "compactor", "1.0.0")
