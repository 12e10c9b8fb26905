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
                   string("leverage_type", "kv_product",
                          "whose leverage: of keys, of values, their mean, their product")
                       .one_of({"key", "value", "kv_avg", "kv_product"}))
        .parameter(&Cur::use_random_leverage,
                   boolean("use_random_leverage", false,
                           "norms of 20 random projections in place of all channels"))
        .parameter(&Cur::use_local_approximation,
                   boolean("use_local_approximation", true,
                           "leverage within windows of consecutive entries"))
        .parameter(&Cur::local_window_size,
                   integer("local_window_size", 16, "entries of such a window").at_least(1))
        .planned([](const Cur& self, EvictionPlan& plan) {
          plan.needs.keys_before_rope = !self.use_random_leverage && self.leverage_type != "value";
        });
  }

  struct Live final : PolicyOf<Cur> {
    using PolicyOf::PolicyOf;
    bool keeps_state() const override { return false; }

    at::Tensor score(const HeadView& head) override {
      const std::string& type = method.leverage_type;
      at::Tensor scores = leverage(type == "value" ? head.values() : keys_of(head));
      if (type == "kv_avg") scores = (scores + leverage(head.values())) / 2;
      if (type == "kv_product") scores = scores * leverage(head.values());
      normalise(scores, 0, scores.numel());
      scores.narrow(0, 0, evictable(head, method.num_sinks, 0).begin).fill_(1);
      return scores;
    }

    // Rotation keeps a norm, but for its rounding, by which equal tokens would be ranked.
    at::Tensor keys_of(const HeadView& head) const {
      return sketch.defined() ? head.keys() : head.keys_before_rope();
    }

    // Squared norms; locally, as shares of the windows they stand in.
    at::Tensor leverage(const at::Tensor& vectors) const {
      const at::Tensor seen = sketch.defined() ? vectors.mm(sketch) : vectors;
      const at::Tensor norms = seen.square().sum(-1);
      const std::int64_t size = norms.numel(), window = method.local_window_size;
      for (std::int64_t t = 0; t < size && method.use_local_approximation; t += window) {
        normalise(norms, t, std::min(t + window, size));
      }
      return norms;
    }

    // In place, from `begin` to `end`: shares of the sum; zeros stay zeros.
    static void normalise(const at::Tensor& norms, std::int64_t begin, std::int64_t end) {
      float* norm = norms.data_ptr<float>();
      const double sum = std::accumulate(norm + begin, norm + end, 0.0);
      for (std::int64_t t = begin; t < end && sum > 0; ++t) {
        norm[t] = static_cast<float>(norm[t] / sum);
      }
    }

    // [d,20], the same for keys and values and for all heads.
    const at::Tensor sketch =
        method.use_random_leverage
            ? gaussian_sketch(context.model.head_dim, kSketchColumns, context.random)
            : at::Tensor();
  };
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Cur, "cur", "1.0.0")
