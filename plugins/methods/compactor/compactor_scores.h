// Compactor's score, apart from where its random numbers come from.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "../leverage/leverage_scores.h"
#include "../leverage/standardised.h"
#include "../non_causal_attention/non_causal_scores.h"
#include "pressroom/cache_view.h"
#include "pressroom/selection.h"

namespace pressroom {

// The parameters of the same names; `padded` as for attention_received.
struct CompactorSettings {
  std::int64_t sink_size_start = 0;
  std::int64_t sink_size_end = 0;
  std::int64_t chunk_size = 0;
  std::int64_t sketch_dimension = 0;
  double blending = 0;  // weight of the leverage scores
  bool padded = false;
};

// [T] for each view of `layer`: blending * leverage + non-causal attention, each computed over the
// entries between the sinks at both ends alone and standardised over the layer. The sinks stand at
// the largest score. `sketches` [d,k], one for each view.
inline std::vector<at::Tensor> compactor_scores(const LayerView& layer,
                                                const std::vector<at::Tensor>& sketches,
                                                const CompactorSettings& settings) {
  std::vector<at::Tensor> leverage;
  std::vector<at::Tensor> attention;
  std::vector<IndexRange> inner;
  for (std::int64_t i = 0; i < layer.kv_heads(); ++i) {
    const HeadView& head = layer.head(i);
    const IndexRange range = evictable(head, settings.sink_size_start, settings.sink_size_end);
    const at::Tensor keys = rows_of(head.keys_before_rope(), range);
    leverage.push_back(leverage_scores(keys, sketches.at(i)));
    attention.push_back(
        non_causal_scores(head, range.begin, range.size(), settings.chunk_size, settings.padded));
    inner.push_back(range);
  }
  leverage = standardised(leverage);
  attention = standardised(attention);
  std::vector<at::Tensor> scores;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    scores.push_back(settings.blending * leverage[i] + attention[i]);
  }
  const at::Tensor all = at::cat(scores);
  const double largest = all.numel() > 0 ? all.max().item<double>() : 0;
  for (std::size_t i = 0; i < inner.size(); ++i) {
    const std::int64_t after = layer.head(static_cast<std::int64_t>(i)).size() - inner[i].end;
    scores[i] = at::constant_pad_nd(scores[i], {inner[i].begin, after}, largest);
  }
  return scores;
}

}  // namespace pressroom
