#include <ATen/ATen.h>

#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "pressroom/selection.h"
#include "pressroom/window_attention.h"

namespace pressroom {

struct SimLayerSettings {
  double lazy_threshold = 0;
  std::int64_t n_last = 0;
  std::int64_t n_recent = 0;
  std::int64_t n_initial = 0;
  std::int64_t kept_recent = 0;
};

struct SimLayerPolicy final : Policy {
  explicit SimLayerPolicy(const SimLayerSettings& chosen) : settings(chosen) {}

  // Share of the last queries' attention, over all heads, that falls on the first n_initial and the
  // last n_recent of the entries before them.
  double attention_at_the_ends(const LayerView& layer) const {
    double sum = 0;
    for (std::int64_t i = 0; i < layer.kv_heads(); ++i) {
      const WindowAttention window = window_attention(layer.head(i));
      const at::Tensor weights = window.weights.mean(0);
      sum += weights.narrow(0, 0, settings.n_initial).sum().item<double>();
      sum += weights.narrow(0, window.older - settings.n_recent, settings.n_recent)
                 .sum()
                 .item<double>();
    }
    return sum / static_cast<double>(layer.kv_heads());
  }

  bool is_lazy(const LayerView& layer) const {
    const std::int64_t ends = settings.n_initial + settings.n_recent + settings.n_last;
    if (settings.lazy_threshold >= 1) return false;
    for (std::int64_t i = 0; i < layer.kv_heads(); ++i) {
      if (layer.head(i).size() <= ends) return false;
    }
    return attention_at_the_ends(layer) > settings.lazy_threshold;
  }

  std::vector<at::Tensor> keep_layer(const LayerView& layer) override {
    const bool lazy = is_lazy(layer);
    std::vector<at::Tensor> kept;
    for (std::int64_t i = 0; i < layer.kv_heads(); ++i) {
      const std::int64_t size = layer.head(i).size();
      Indices indices = indices_of({0, lazy ? settings.n_initial : size});
      if (lazy) indices = merged(indices, indices_of({size - settings.kept_recent, size}));
      kept.push_back(to_tensor(indices));
    }
    return kept;
  }

  SimLayerSettings settings;
};

class SimLayerKv final : public Method {
 public:
  PluginInfo describe() const override {
    return {"drops all but first and last entries in layers that look at little else",
            "Zhang et al., SimLayerKV: A Simple Framework for Layer-Level KV Cache Reduction, "
            "2024, arXiv 2410.13846",
            {number("lazy_threshold", 1)
                 .at_least(0)
                 .at_most(1)
                 .help("share of attention on both ends above which a layer is lazy; 1: none is"),
             integer("n_last", 1).at_least(1).help("last queries that are looked at"),
             integer("n_recent", 1024)
                 .at_least(1)
                 .alias("recent")
                 .help("last entries, kept in lazy layers"),
             integer("n_initial", 4)
                 .at_least(0)
                 .alias("n_sink")
                 .alias("sinks")
                 .help("first entries, kept in lazy layers"),
             string("compat", "none")
                 .one_of({"none", "kvpress"})
                 .help("kvpress: lazy layers keep n_recent - n_last last entries")}};
  }

  void configure(const Parameters& parameters) override {
    settings_ = {parameters.number("lazy_threshold"), parameters.integer("n_last"),
                 parameters.integer("n_recent"), parameters.integer("n_initial"),
                 parameters.integer("n_recent")};
    if (parameters.string("compat") != "kvpress") return;
    settings_.kept_recent -= settings_.n_last;
    if (settings_.kept_recent >= 1) return;
    throw Error({"simlayerkv would keep no last entries", "",
                 "n_recent > n_last with compat: kvpress",
                 "n_recent " + std::to_string(settings_.n_recent) + ", n_last " +
                     std::to_string(settings_.n_last),
                 "make n_recent larger, or leave out compat"});
  }

  EvictionPlan plan(std::int64_t /*budget_tokens*/) const override {
    EvictionPlan plan;
    plan.ranking = Ranking::kKeep;
    plan.scope = BudgetScope::kNone;
    plan.needs.query_window = settings_.n_last;
    plan.couples_heads = true;
    return plan;
  }

  std::unique_ptr<Policy> make_policy(const PolicyContext& /*context*/) const override {
    return std::make_unique<SimLayerPolicy>(settings_);
  }

 private:
  SimLayerSettings settings_;
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::SimLayerKv, "simlayerkv", "1.0.0")
