#include <algorithm>

#include "gate.h"
#include "pressroom/plugin.h"

namespace pressroom {

// The best of the layer's heads together; sinks and window are certain.
struct FastKvZip final : StatefulMethod<FastKvZip, Ranking::kKeep> {
  std::string weights;
  bool as_kvpress = false;
  std::int64_t n_sink = 0, window_size = 0;
  double window_ratio = 0;
  std::vector<FastKvZipGate> gates;  // of each layer

  static Declaration<FastKvZip> declare() {
    return Declaration<FastKvZip>(
               "keeps what a trained gate takes for what KVzip would keep; heads share a budget")
        .paper(
            "Kim et al., Fast KVzip: Efficient and Accurate LLM Inference with Gated KV Eviction, "
            "2026, arXiv 2601.17668")
        .parameter(&FastKvZip::weights,
                   required("weights", ParameterType::kPath, "gates, a .safetensors file"))
        .sinks(&FastKvZip::n_sink, 4)
        .parameter(&FastKvZip::window_ratio,
                   number("window_ratio", 0.02,
                          "last entries, never evicted: share of a context below 32,000 tokens")
                       .at_least(0)
                       .at_most(1))
        .parameter(&FastKvZip::window_size,
                   integer("window_size", 4096, "last entries, never evicted, in longer contexts")
                       .at_least(1))
        .kvpress_compat(&FastKvZip::as_kvpress,
                        "kvpress: in a context whose window_ratio is below one token, nothing "
                        "but age ranks")
        .needs(&Needs::attention_input)
        .scope(BudgetScope::kLayer)
        .couples_heads()
        .planned([](const FastKvZip&, EvictionPlan& plan) { plan.birth_scores = true; });
  }

  void bind(const ModelContext& context) override {
    const NamedTensors tensors = read_tensors(weights);
    gates.clear();
    for (std::int64_t layer = 0; layer < context.model.layers; ++layer) {
      gates.emplace_back(tensors, layer, context.model, weights);
    }
  }

  std::vector<std::string> files() const override { return {weights}; }

  // The last entries, which never leave, in a context of so many tokens.
  std::int64_t window_of(std::int64_t context_tokens) const {
    if (context_tokens >= 32000) return window_size;
    const std::int64_t share = fraction_of(context_tokens, window_ratio);
    return as_kvpress ? share : std::max<std::int64_t>(share, 1);
  }

  struct Live final : PolicyOf<FastKvZip> {
    Live(const FastKvZip& made_by, const PolicyContext& given) : PolicyOf(made_by, given) {
      require_room({{"n_sink", method.n_sink}, {"window", window}}, context.budget_tokens,
                   "budget");
    }

    const FastKvZipGate& gate = method.gates.at(context.layer);
    const std::int64_t window = method.window_of(context.context_tokens);  // 0: no gate is asked

    bool keeps_state() const override { return false; }

    at::Tensor birth_scores(const EntriesView& entries) override {
      if (window == 0) return at::ones({entries.keys().size(0), entries.size()});
      return gate.scores(entries.attention_input());
    }

    std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
      std::vector<at::Tensor> scores;
      std::vector<Indices> certain;
      for (std::int64_t h = 0; h < layer.kv_heads(); ++h) {
        const HeadView& head = layer.head(h);
        scores.push_back(head.birth_scores().to(at::kCPU, at::kFloat).contiguous());
        certain.push_back(all_but(head, evictable(head, method.n_sink, window), {}));
      }
      const std::int64_t places = context.budget_tokens * layer.kv_heads();
      return to_tensors(highest_of_layer(layer, scores, std::move(certain), places));
    }
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::FastKvZip, "fastkvzip", "1.0.0")
