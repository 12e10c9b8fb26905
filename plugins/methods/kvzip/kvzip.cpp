#include <ATen/ATen.h>

#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "pressroom/selection.h"

namespace pressroom {

struct KvZipPolicy final : Policy {
  KvZipPolicy(const PolicyContext& given, bool by_layer, std::int64_t sinks)
      : context(given), layerwise(by_layer), n_sink(sinks) {}

  // What competes, newer tokens at higher indices: [P,R,G], R the layers that share the budget.
  at::Tensor competing() const {
    PRESSROOM_ASSERT(context.reconstruction.defined());
    const at::Tensor all = context.reconstruction;  // [L,G,P]
    const at::Tensor layers = layerwise ? all.narrow(0, context.layer, 1) : all;
    return layers.permute({2, 0, 1}).contiguous();
  }

  std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
    const at::Tensor scores = competing();
    const std::int64_t prompt = scores.size(0);
    const std::int64_t heads = scores.size(2);
    const std::int64_t of_token = scores.size(1) * heads;
    const std::int64_t sinks = std::min(n_sink, prompt);
    const std::int64_t places = std::max<std::int64_t>(context.budget_tokens - sinks, 0) * of_token;
    std::vector<bool> stays(static_cast<std::size_t>(prompt * of_token));
    const IndexRange candidates{sinks * of_token, prompt * of_token};
    for (const std::int64_t i : highest(scores.data_ptr<float>(), candidates, places)) {
      stays[i] = true;
    }
    const std::int64_t row = layerwise ? 0 : context.layer * heads;
    std::vector<at::Tensor> kept;
    for (std::int64_t head = 0; head < layer.kv_heads(); ++head) {
      const at::Tensor positions = layer.head(head).positions().contiguous();
      Indices indices;
      for (std::int64_t i = 0; i < positions.numel(); ++i) {
        const std::int64_t p = positions.data_ptr<std::int64_t>()[i];
        const bool ranked = p >= sinks && p < prompt;
        if (!ranked || stays[p * of_token + row + head]) indices.push_back(i);
      }
      kept.push_back(to_tensor(indices));
    }
    return kept;
  }

  PolicyContext context;
  bool layerwise;
  std::int64_t n_sink;
};

class KvZip final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps what the model leans on when it repeats the prompt word by word",
            "Kim et al., KVzip: Query-Agnostic KV Cache Compression with Context Reconstruction, "
            "NeurIPS 2025, arXiv 2505.23416",
            {boolean("layerwise", false)
                 .help("true: each layer has its own budget; false: all layers share one"),
             integer("n_sink", 4)
                 .at_least(0)
                 .alias("sinks")
                 .alias("start_size")
                 .help("first tokens of the prompt, never evicted"),
             boolean("kvzip_plus_normalization", false)
                 .help("weigh attention by what the value adds to the residual stream (KVzip+)")}};
  }

  void configure(const Parameters& parameters) override {
    layerwise_ = parameters.boolean("layerwise");
    n_sink_ = parameters.integer("n_sink");
    plus_ = parameters.boolean("kvzip_plus_normalization");
  }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kKeep;
    plan.scope = layerwise_ ? BudgetScope::kLayer : BudgetScope::kModel;
    plan.sinks = n_sink_;
    plan.phases = Phases::kPrefill;
    plan.couples_heads = true;
    plan.needs.reconstruction = plus_ ? Reconstruction::kContribution : Reconstruction::kAttention;
    plan.needs.reconstruction_prompt = "\n\nRepeat the previous context exactly.";
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<KvZipPolicy>(context, layerwise_, n_sink_);
  }

 private:
  bool layerwise_ = false;
  std::int64_t n_sink_ = 0;
  bool plus_ = false;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::KvZip, "kvzip", "1.0.0")
