#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

#include "pressroom/plugin.h"
#include "pressroom/sketch.h"

namespace pressroom {

constexpr std::int64_t kSketchColumns = 20;

// Score of an entry: its share of the squared norms of keys and values, which stands in for its
// leverage in their CUR decompositions.
struct Cur final : StatefulMethod<Cur, Ranking::kScore> {
  std::int64_t num_sinks = 0, local_window_size = 1;
  std::string leverage_type;
  bool use_random_leverage = false, use_local_approximation = true;

  static Declaration<Cur> declare() {
    return Declaration<Cur>(
               "keeps the entries with the largest leverage, estimated by norms of key and value")
        .paper(
            "Sengupta et al., Value-Guided KV Compression for LLMs via Approximated CUR "
            "Decomposition, NeurIPS 2025, arXiv 2509.15038")
        .sinks(&Cur::num_sinks, 4, "first tokens, never evicted", "num_sinks")
        .parameter(&Cur::leverage_type,
                   string("leverage_type", "kv_product")
                       .one_of({"key", "value", "kv_avg", "kv_product"})
                       .help("whose leverage: of keys, of values, their mean, their product"))
        .parameter(&Cur::use_random_leverage,
                   boolean("use_random_leverage", false)
                       .help("norms of 20 random projections in place of all channels"))
        .parameter(&Cur::use_local_approximation,
                   boolean("use_local_approximation", true)
                       .help("leverage within windows of consecutive entries"))
        .parameter(&Cur::local_window_size,
                   integer("local_window_size", 16).at_least(1).help("entries of such a window"));
  }

  EvictionPlan plan(std::int64_t budget_tokens) const override {
    EvictionPlan plan = StatefulMethod::plan(budget_tokens);
    plan.needs.keys_before_rope = !use_random_leverage && leverage_type != "value";
    return plan;
  }

  struct Live final : PolicyOf<Cur> {
    Live(const Cur& made_by, const PolicyContext& given) : PolicyOf(made_by, given) {
      if (!method.use_random_leverage) return;
      sketch = gaussian_sketch(context.model.head_dim, kSketchColumns, context.random);
    }

    at::Tensor score(const HeadView& head) override {
      const std::string& type = method.leverage_type;
      std::vector<float> scores = leverage(type == "value" ? head.values() : keys_of(head));
      if (type == "kv_avg" || type == "kv_product") {
        const std::vector<float> values = leverage(head.values());
        for (std::size_t t = 0; t < scores.size(); ++t) {
          scores[t] = type == "kv_avg" ? (scores[t] + values[t]) / 2 : scores[t] * values[t];
        }
      }
      normalise(scores.data(), scores.data() + scores.size());
      const IndexRange rest = evictable(head, method.num_sinks, 0);
      std::fill(scores.begin(), scores.begin() + rest.begin, 1.0F);
      return at::tensor(scores);
    }

    // Rotation keeps a norm, but for its rounding, by which equal tokens would be ranked.
    at::Tensor keys_of(const HeadView& head) const {
      return sketch.defined() ? head.keys() : head.keys_before_rope();
    }

    // Squared norms; locally, as shares of the windows they stand in.
    std::vector<float> leverage(const at::Tensor& vectors) const {
      const at::Tensor seen = sketch.defined() ? vectors.mm(sketch) : vectors;
      std::vector<float> norms = to_floats(seen.square().sum(-1));
      const auto size = static_cast<std::int64_t>(norms.size());
      const std::int64_t window = method.local_window_size;
      for (std::int64_t t = 0; t < size && method.use_local_approximation; t += window) {
        normalise(norms.data() + t, norms.data() + std::min(t + window, size));
      }
      return norms;
    }

    // In place: shares of the sum; zeros stay zeros.
    static void normalise(float* first, float* end) {
      const double sum = std::accumulate(first, end, 0.0);
      if (sum > 0) std::for_each(first, end, [&](float& x) { x = static_cast<float>(x / sum); });
    }

    at::Tensor sketch;  // [d,20], the same for keys and values and for all heads
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Cur, "cur", "1.0.0")
