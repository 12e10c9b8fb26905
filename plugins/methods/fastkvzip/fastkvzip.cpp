#include <algorithm>
#include <tuple>

#include "gate.h"
#include "pressroom/plugin.h"
#include "pressroom/selection.h"

namespace pressroom {

struct FastKvZipPolicy final : Policy {
  FastKvZipPolicy(const FastKvZipGate& layer_gate, std::int64_t budget, std::int64_t sinks,
                  std::int64_t last)
      : gate(layer_gate), budget_tokens(budget), n_sink(sinks), window(last) {}

  at::Tensor birth_scores(const EntriesView& entries) override {
    if (window == 0) return at::ones({entries.keys().size(0), entries.size()});
    return gate.scores(entries.attention_input());
  }

  // The best of the layer's heads together; sinks and window are certain.
  std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
    const std::int64_t heads = layer.kv_heads();
    std::vector<Indices> kept(static_cast<std::size_t>(heads));
    std::vector<Candidate> candidates;
    std::int64_t places = budget_tokens * heads;
    for (std::int64_t h = 0; h < heads; ++h) {
      const HeadView& head = layer.head(h);
      const IndexRange range = evictable(head, n_sink, window);
      const at::Tensor positions = head.positions().contiguous();
      const std::vector<float> scores = to_floats(head.birth_scores());
      for (std::int64_t i = range.begin; i < range.end; ++i) {
        candidates.push_back({scores[i], positions.data_ptr<std::int64_t>()[i], h, i});
      }
      kept[h] = merged(indices_of({0, range.begin}), indices_of({range.end, head.size()}));
      places -= head.size() - range.size();
    }
    const auto count = std::clamp<std::int64_t>(places, 0, candidates.size());
    std::nth_element(candidates.begin(), candidates.begin() + count, candidates.end());
    candidates.resize(count);
    for (const Candidate& chosen : candidates) kept[chosen.head].push_back(chosen.index);
    std::vector<at::Tensor> tensors;
    for (Indices& indices : kept) {
      std::sort(indices.begin(), indices.end());
      tensors.push_back(to_tensor(indices));
    }
    return tensors;
  }

  // In the order of staying: of equal scores the newer.
  struct Candidate {
    float score;
    std::int64_t position, head, index;
    bool operator<(const Candidate& other) const {
      return std::tie(score, position, head) > std::tie(other.score, other.position, other.head);
    }
  };

  const FastKvZipGate& gate;
  std::int64_t budget_tokens, n_sink;
  std::int64_t window;  // 0: the gate is not asked
};

class FastKvZip final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps what a trained gate takes for what KVzip would keep; heads share a budget",
            "Kim et al., Fast KVzip: Efficient and Accurate LLM Inference with Gated KV Eviction, "
            "2026, arXiv 2601.17668",
            {required("weights", ParameterType::kPath).help("gates, a .safetensors file"),
             integer("n_sink", 4)
                 .at_least(0)
                 .alias("sinks")
                 .alias("start_size")
                 .help("first tokens of the document, never evicted"),
             number("window_ratio", 0.02)
                 .at_least(0)
                 .at_most(1)
                 .help("last entries, never evicted: share of a context below 32,000 tokens"),
             integer("window_size", 4096)
                 .at_least(1)
                 .help("last entries, never evicted, in longer contexts"),
             string("compat", "none")
                 .one_of({"none", "kvpress"})
                 .help("kvpress: in a context whose window_ratio is below one token, nothing but "
                       "age ranks")}};
  }

  void configure(const Parameters& parameters) override {
    weights_ = parameters.string("weights");
    n_sink_ = parameters.integer("n_sink");
    window_ratio_ = parameters.number("window_ratio");
    window_size_ = parameters.integer("window_size");
    compat_ = parameters.string("compat") == "kvpress";
  }

  void bind(const ModelContext& context) override {
    const NamedTensors tensors = read_tensors(weights_);
    gates_.clear();
    for (std::int64_t layer = 0; layer < context.model.layers; ++layer) {
      gates_.emplace_back(tensors, layer, context.model, weights_);
    }
  }

  std::vector<std::string> files() const override { return {weights_}; }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kKeep;
    plan.birth_scores = true;
    plan.scope = BudgetScope::kLayer;
    plan.sinks = n_sink_;
    plan.couples_heads = true;
    plan.needs.attention_input = true;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    const std::int64_t window = window_of(context.context_tokens);
    require_room({{"n_sink", n_sink_}, {"window", window}}, context.budget_tokens, "budget");
    return std::make_unique<FastKvZipPolicy>(gates_.at(context.layer), context.budget_tokens,
                                             n_sink_, window);
  }

 private:
  std::int64_t window_of(std::int64_t context_tokens) const {
    if (context_tokens >= 32000) return window_size_;
    const auto share = static_cast<std::int64_t>(window_ratio_ * context_tokens);
    return compat_ ? share : std::max<std::int64_t>(share, 1);
  }

  std::string weights_;
  std::int64_t n_sink_ = 0;
  double window_ratio_ = 0;
  std::int64_t window_size_ = 0;
  bool compat_ = false;
  std::vector<FastKvZipGate> gates_;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::FastKvZip, "fastkvzip", "1.0.0")
