// Attention over entries whose lifetimes are known (engine/attention/masked_attention.h), made of
// batched tensor operations: all KV heads of a layer at once, on any device.
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

#include "engine/attention/layer_tensors.h"
#include "engine/cache/eviction_log.h"

namespace pressroom {

// softmax(q k^T / sqrt(d)) v of every token t over the entries j <= t <= evicted_after[j] of its
// head, into `out`, [N,G,g,d] on the tokens' device. One of `evictions` for each KV head; all heads
// lose equally many entries at a time, as under one budget. Memory is bounded by blocks of queries.
// Throws Error when attention does not add up to 1.
void attend_lifetimes(const LayerTensors& tokens, const std::vector<EvictionLog>& evictions,
                      const at::Tensor& out);

// Throws Error unless all of `errors`, |sum of attention - 1| of some queries, are small (I11).
void check_row_errors(const at::Tensor& errors);

}  // namespace pressroom
