#include "leverage_scores.h"
#include "pressroom/plugin.h"
#include "standardised.h"

namespace pressroom {

struct Leverage final : StatefulMethod<Leverage, Ranking::kScore> {
  std::int64_t sketch_dimension = 0;

  static Declaration<Leverage> declare() {
    return Declaration<Leverage>(
               "keeps the entries whose keys stick out of the space the others span, by a sketch")
        .paper(
            "Chari and Van Durme, Compactor: Calibrated Query-Agnostic KV Cache Compression with "
            "Approximate Leverage Scores, 2025, arXiv 2507.08143")
        .parameter(&Leverage::sketch_dimension,
                   integer("sketch_dimension", 48,
                           "columns of the random matrix that keys are multiplied by")
                       .at_least(1))
        .needs(&Needs::keys_before_rope)
        .couples_heads();  // the spread that scores are measured in is the layer's
  }

  struct Live final : PolicyOf<Leverage> {
    using PolicyOf::PolicyOf;
    bool keeps_state() const override { return false; }
    std::vector<at::Tensor> score_layer(const LayerView& layer) override {
      std::vector<at::Tensor> scores;
      for (std::int64_t i = 0; i < layer.kv_heads(); ++i) {
        scores.push_back(leverage_scores(layer.head(i).keys_before_rope(), sketches.at(i)));
      }
      return standardised(scores);
    }

    const std::vector<at::Tensor> sketches = leverage_sketches(context, method.sketch_dimension);
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Leverage, "leverage", "1.0.0")
