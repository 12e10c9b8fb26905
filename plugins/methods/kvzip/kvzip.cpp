#include <ATen/ATen.h>

#include "pressroom/error.h"
#include "pressroom/plugin.h"

namespace pressroom {

struct KvZip final : LayerKeeper<KvZip> {
  bool layerwise = false, plus = false;
  std::int64_t n_sink = 0;

  static Declaration<KvZip> declare() {
    return Declaration<KvZip>(
               "keeps what the model leans on when it repeats the prompt word by word")
        .paper(
            "Kim et al., KVzip: Query-Agnostic KV Cache Compression with Context Reconstruction, "
            "NeurIPS 2025, arXiv 2505.23416")
        .parameter(&KvZip::layerwise,
                   boolean("layerwise", false,
                           "true: each layer has its own budget; false: all layers share one"))
        .sinks(&KvZip::n_sink, 4, "first tokens of the prompt, never evicted")
        .parameter(
            &KvZip::plus,
            boolean("kvzip_plus_normalization", false,
                    "weigh attention by what the value adds to the residual stream (KVzip+)"))
        .planned([](const KvZip& self, EvictionPlan& plan) {
          plan.scope = self.layerwise ? BudgetScope::kLayer : BudgetScope::kModel;
          plan.phases = Phases::kPrefill;
          plan.needs.reconstruction =
              self.plus ? Reconstruction::kContribution : Reconstruction::kAttention;
          plan.needs.reconstruction_prompt = "\n\nRepeat the previous context exactly.";
        });
  }

  std::vector<Indices> keep_layer(const LayerView& layer, const PolicyContext& context) const {
    PRESSROOM_ASSERT(context.reconstruction.defined());
    const at::Tensor& all = context.reconstruction;  // [L,G,P]
    const at::Tensor sharing = layerwise ? all.narrow(0, context.layer, 1) : all;
    // What competes, newer tokens at higher indices: [P,R,G], R the layers that share the budget.
    const at::Tensor scores = sharing.permute({2, 0, 1}).contiguous();
    const std::int64_t prompt = scores.size(0), heads = scores.size(2);
    const std::int64_t of_token = scores.size(1) * heads;
    const std::int64_t sinks = std::min(n_sink, prompt);
    const std::int64_t places = std::max<std::int64_t>(context.budget_tokens - sinks, 0) * of_token;
    std::vector<bool> stays(static_cast<std::size_t>(prompt * of_token));
    const IndexRange candidates{sinks * of_token, prompt * of_token};
    for (const std::int64_t i : highest(scores.data_ptr<float>(), candidates, places)) {
      stays[i] = true;
    }
    const std::int64_t row = layerwise ? 0 : context.layer * heads;
    std::vector<Indices> kept(static_cast<std::size_t>(layer.kv_heads()));
    for (std::int64_t head = 0; head < layer.kv_heads(); ++head) {
      std::int64_t index = 0;
      for (const std::int64_t p : to_indices(layer.head(head).positions())) {
        const bool leaves = p >= sinks && p < prompt && !stays[p * of_token + row + head];
        if (!leaves) kept[head].push_back(index);
        ++index;
      }
    }
    return kept;
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::KvZip, "kvzip", "1.0.0")
