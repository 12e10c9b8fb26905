#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

#include "pressroom/plugin.h"
#include "pressroom/selection.h"
#include "pressroom/sketch.h"

namespace pressroom {

struct CurSettings {
  std::int64_t num_sinks = 0;
  std::string leverage_type;
  bool use_random_leverage = false;
  bool use_local_approximation = true;
  std::int64_t local_window_size = 1;
};

constexpr std::int64_t kSketchColumns = 20;

// Score of an entry: its share of the squared norms of keys and values, which stands in for its
// leverage in their CUR decompositions.
class CurPolicy final : public Policy {
 public:
  CurPolicy(const CurSettings& settings, const PolicyContext& context) : settings_(settings) {
    if (settings.use_random_leverage) {
      sketch_ = gaussian_sketch(context.model.head_dim, kSketchColumns, context.random);
    }
  }

  at::Tensor score(const HeadView& head) override {
    const std::string& type = settings_.leverage_type;
    std::vector<float> scores = leverage(type == "value" ? head.values() : keys_of(head));
    if (type == "kv_avg" || type == "kv_product") {
      const std::vector<float> values = leverage(head.values());
      for (std::size_t t = 0; t < scores.size(); ++t) {
        scores[t] = type == "kv_avg" ? (scores[t] + values[t]) / 2 : scores[t] * values[t];
      }
    }
    normalise(scores.data(), scores.data() + scores.size());
    const IndexRange rest = evictable(head, settings_.num_sinks, 0);
    std::fill(scores.begin(), scores.begin() + rest.begin, 1.0F);
    return at::tensor(scores);
  }

 private:
  // Rotation keeps a norm, but for its rounding, by which equal tokens would be ranked.
  at::Tensor keys_of(const HeadView& head) const {
    return sketch_.defined() ? head.keys() : head.keys_before_rope();
  }

  // Squared norms; locally, as shares of the windows they stand in.
  std::vector<float> leverage(const at::Tensor& vectors) const {
    const at::Tensor seen = sketch_.defined() ? vectors.mm(sketch_) : vectors;
    std::vector<float> norms = to_floats(seen.square().sum(-1));
    const auto size = static_cast<std::int64_t>(norms.size());
    const std::int64_t window = settings_.local_window_size;
    for (std::int64_t t = 0; t < size && settings_.use_local_approximation; t += window) {
      normalise(norms.data() + t, norms.data() + std::min(t + window, size));
    }
    return norms;
  }

  // In place: shares of the sum; zeros stay zeros.
  static void normalise(float* first, float* end) {
    const double sum = std::accumulate(first, end, 0.0);
    if (sum > 0) std::for_each(first, end, [&](float& x) { x = static_cast<float>(x / sum); });
  }

  CurSettings settings_;
  at::Tensor sketch_;  // [d,20], the same for keys and values and for all heads
};

class Cur final : public Method {
 public:
  PluginInfo describe() const override {
    return {"keeps the entries with the largest leverage, estimated by norms of key and value",
            "Sengupta et al., Value-Guided KV Compression for LLMs via Approximated CUR "
            "Decomposition, NeurIPS 2025, arXiv 2509.15038",
            {integer("num_sinks", 4)
                 .at_least(0)
                 .alias("n_sink")
                 .alias("sinks")
                 .help("first tokens, never evicted"),
             string("leverage_type", "kv_product")
                 .one_of({"key", "value", "kv_avg", "kv_product"})
                 .help("whose leverage: of keys, of values, their mean, their product"),
             boolean("use_random_leverage", false)
                 .help("norms of 20 random projections in place of all channels"),
             boolean("use_local_approximation", true)
                 .help("leverage within windows of consecutive entries"),
             integer("local_window_size", 16).at_least(1).help("entries of such a window")}};
  }

  void configure(const Parameters& parameters) override {
    settings_.num_sinks = parameters.integer("num_sinks");
    settings_.leverage_type = parameters.string("leverage_type");
    settings_.use_random_leverage = parameters.boolean("use_random_leverage");
    settings_.use_local_approximation = parameters.boolean("use_local_approximation");
    settings_.local_window_size = parameters.integer("local_window_size");
  }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kScore;
    plan.sinks = settings_.num_sinks;
    plan.needs.keys_before_rope =
        !settings_.use_random_leverage && settings_.leverage_type != "value";
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& context) const override {
    return std::make_unique<CurPolicy>(settings_, context);
  }

 private:
  CurSettings settings_;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::Cur, "cur", "1.0.0")
