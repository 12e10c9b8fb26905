#include <ATen/ATen.h>

#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "pressroom/window_attention.h"

namespace pressroom {

struct SimLayerKv final : LayerKeeper<SimLayerKv> {
  double lazy_threshold = 0;
  std::int64_t n_last = 0, n_recent = 0, n_initial = 0;
  bool as_kvpress = false;
  std::int64_t kept_recent = 0;  // the last entries that lazy layers keep

  static Declaration<SimLayerKv> declare() {
    return Declaration<SimLayerKv>(
               "drops all but first and last entries in layers that look at little else")
        .paper(
            "Zhang et al., SimLayerKV: A Simple Framework for Layer-Level KV Cache Reduction, "
            "2024, arXiv 2410.13846")
        .parameter(&SimLayerKv::lazy_threshold,
                   number("lazy_threshold", 1,
                          "share of attention on both ends above which a layer is lazy; 1: none "
                          "is")
                       .at_least(0)
                       .at_most(1))
        .parameter(&SimLayerKv::n_last,
                   integer("n_last", 1, "last queries that are looked at").at_least(1))
        .parameter(&SimLayerKv::n_recent,
                   integer("n_recent", 1024, "last entries, kept in lazy layers")
                       .at_least(1)
                       .alias("recent"))
        .parameter(&SimLayerKv::n_initial,
                   sinks_parameter(4, "first entries, kept in lazy layers", "n_initial"))
        .kvpress_compat(&SimLayerKv::as_kvpress,
                        "kvpress: lazy layers keep n_recent - n_last last entries")
        .query_window(&SimLayerKv::n_last)
        .scope(BudgetScope::kNone);
  }

  void configure(const Parameters& parameters) override {
    LayerKeeper::configure(parameters);
    kept_recent = as_kvpress ? n_recent - n_last : n_recent;
    if (kept_recent >= 1) return;
    throw Error({"simlayerkv would keep no last entries", "",
                 "n_recent > n_last with compat: kvpress",
                 "n_recent " + std::to_string(n_recent) + ", n_last " + std::to_string(n_last),
                 "make n_recent larger, or leave out compat"});
  }

  // Whether more than the threshold of the last queries' attention, over all heads, falls on the
  // first n_initial and the last n_recent of the entries before them.
  bool is_lazy(const LayerView& layer) const {
    if (lazy_threshold >= 1) return false;
    double sum = 0;
    for (std::int64_t i = 0; i < layer.kv_heads(); ++i) {
      if (layer.head(i).size() <= n_initial + n_recent + n_last) return false;
      const WindowAttention window = window_attention(layer.head(i));
      const at::Tensor weights = window.weights.mean(0);
      sum += weights.narrow(0, 0, n_initial).sum().item<double>();
      sum += weights.narrow(0, window.older - n_recent, n_recent).sum().item<double>();
    }
    return sum / static_cast<double>(layer.kv_heads()) > lazy_threshold;
  }

  std::vector<Indices> keep_layer(const LayerView& layer, const PolicyContext& /*context*/) const {
    if (!is_lazy(layer)) return all_of(layer);
    std::vector<Indices> kept;
    for (std::int64_t i = 0; i < layer.kv_heads(); ++i) {
      const std::int64_t size = layer.head(i).size();
      kept.push_back(merged(indices_of({0, n_initial}), indices_of({size - kept_recent, size})));
    }
    return kept;
  }
};

}  // namespace pressroom

PRESSROOM_METHOD(pressroom::SimLayerKv, "simlayerkv", "1.0.0")
