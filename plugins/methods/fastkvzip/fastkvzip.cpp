#include <algorithm>

#include "gate.h"
#include "pressroom/plugin.h"

namespace pressroom {

// The best of the layer's heads together; sinks and window are certain.
struct FastKvZip final : DeclaredMethod<FastKvZip, Ranking::kKeep> {
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
                   required("weights", ParameterType::kPath).help("gates, a .safetensors file"))
        .sinks(&FastKvZip::n_sink, 4)
        .parameter(&FastKvZip::window_ratio,
                   number("window_ratio", 0.02)
                       .at_least(0)
                       .at_most(1)
                       .help("last entries, never evicted: share of a context below 32,000 tokens"))
        .parameter(&FastKvZip::window_size,
                   integer("window_size", 4096)
                       .at_least(1)
                       .help("last entries, never evicted, in longer contexts"))
        .kvpress_compat(&FastKvZip::as_kvpress,
                        "kvpress: in a context whose window_ratio is below one token, nothing "
                        "but age ranks")
        .needs(&Needs::attention_input)
        .scope(BudgetScope::kLayer);
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = DeclaredMethod::plan(budget_tokens);
    plan.birth_scores = true;
    plan.couples_heads = true;
    return plan;
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
    using PolicyOf::PolicyOf;

    const FastKvZipGate& gate = method.gates.at(context.layer);
    const std::int64_t window = method.window_of(context.context_tokens);  // 0: no gate is asked

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
        const IndexRange range = evictable(head, method.n_sink, window);
        certain.push_back(
            merged(indices_of({0, range.begin}), indices_of({range.end, head.size()})));
      }
      const std::int64_t places = context.budget_tokens * layer.kv_heads();
      return to_tensors(highest_of_layer(layer, scores, std::move(certain), places));
    }
  };

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    require_room({{"n_sink", n_sink}, {"window", window_of(context.context_tokens)}},
                 context.budget_tokens, "budget");
    return std::make_unique<Live>(*this, context);
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::FastKvZip, "fastkvzip", "1.0.0")
