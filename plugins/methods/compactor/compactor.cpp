#include <algorithm>

#include "compactor_scores.h"
#include "pressroom/plugin.h"

namespace pressroom {

struct Compactor final : StatefulMethod<Compactor, Ranking::kScore>, CompactorSettings {
  static Declaration<Compactor> declare() {
    return Declaration<Compactor>("adds leverage scores of keys and non-causal attention in chunks")
        .paper(
            "Chari and Van Durme, Compactor: Calibrated Query-Agnostic KV Cache Compression with "
            "Approximate Leverage Scores, 2025, arXiv 2507.08143")
        .sinks(&Compactor::sink_size_start, 8, "first tokens, never evicted", "sink_size_start")
        .parameter(
            &Compactor::sink_size_end,
            integer("sink_size_end", 4, "last entries, never evicted").at_least(0).alias("recent"))
        .parameter(&Compactor::chunk_size,
                   integer("chunk_size", 256, "entries that attend to each other").at_least(1))
        .parameter(&Compactor::sketch_dimension,
                   integer("sketch_dimension", 48,
                           "columns of the random matrix that keys are multiplied by")
                       .at_least(1))
        .parameter(&Compactor::blending,
                   number("blending", -1,
                          "weight of the leverage scores; negative: the share of the context "
                          "that leaves"))
        .kvpress_compat(&Compactor::padded,
                        "kvpress: zeros fill up the last chunk and take part in its softmax")
        .recents(&Compactor::sink_size_end)
        .query_window(kAllQueries)
        .needs(&Needs::keys_before_rope)
        .couples_heads()
        .planned([](const Compactor& self, EvictionPlan& plan) {
          plan.sized_by_budget = self.blending < 0;
        });
  }

  struct Live final : PolicyOf<Compactor> {
    Live(const Compactor& made_by, const PolicyContext& given)
        : PolicyOf(made_by, given), settings(made_by) {
      if (settings.blending < 0) {
        const auto whole = static_cast<double>(std::max<std::int64_t>(context.context_tokens, 1));
        settings.blending = std::max(0.0, 1 - static_cast<double>(context.budget_tokens) / whole);
      }
    }

    bool keeps_state() const override { return false; }

    std::vector<at::Tensor> score_layer(const LayerView& layer) override {
      return compactor_scores(layer, sketches, settings);
    }

    CompactorSettings settings;
    const std::vector<at::Tensor> sketches = leverage_sketches(context, method.sketch_dimension);
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Compactor, "compactor", "1.0.0")
