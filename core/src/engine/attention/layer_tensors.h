// What a layer's attention reads, as tensors on whatever device the layer was computed on, and
// attention made of batched tensor operations over it: all KV heads at once.
//
//   const LayerTensors tokens = layer_tensors(setup, qkv, count);
//   attend_lifetimes(tokens, evictions, out);     // what leaves is known in advance
//
// Where it is not known, a kernel walks the tokens (engine/attention/sequential_kernel.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "engine/cache/eviction_log.h"
#include "engine/cache/layer_setup.h"

namespace pressroom {

// All tokens of one document in one layer, float32. Keys and values are rounded to what a cache
// would hold: keys once rotated, or under cache_index before. Queries and keys lie without gaps;
// the others may have some between rows.
struct LayerTensors {
  at::Tensor queries;   // [G,g,N,d], rotated by original position
  at::Tensor keys;      // [G,N,d], rotated by original position
  at::Tensor raw_keys;  // [G,N,d], not rotated; what turns keys anew under cache_index
  at::Tensor values;    // [G,N,d]
};

// The rotations of a table, on a device.
class TensorRotary {
 public:
  TensorRotary(const RotaryTable& table, const at::Device& device);

  // `x` [...,d], each vector turned to its position: int64, of a shape that broadcasts to that of
  // `x` without the channels. Gives what RotaryTable::rotate gives.
  at::Tensor rotate(const at::Tensor& x, const at::Tensor& positions) const;

 private:
  at::Tensor cosines_, sines_;  // [positions, r/2]
};

// Vectors [...,d] rounded as StoredVectors rounds them (engine/cache/stored_vectors.h), where they
// lie; themselves under float32.
at::Tensor rounded(const at::Tensor& vectors, KvDtype dtype);

// The first `tokens` rows of `qkv` [rows,(H+2G)d], of positions 0 .. tokens - 1, by head and
// rotated, where `qkv` lies. Keys before rotation and values may alias it.
LayerTensors layer_tensors(const LayerSetup& setup, const at::Tensor& qkv, std::int64_t tokens);

// The same in host memory, heads shared among `threads`; values lie without gaps.
LayerTensors host_layer_tensors(const LayerSetup& setup, const at::Tensor& qkv, std::int64_t tokens,
                                std::int64_t threads);

// softmax(q k^T / sqrt(d)) v of every token t over the entries j <= t <= evicted_after[j] of its
// head, into `out`, [N,G,g,d] on the tokens' device. One of `evictions` for each KV head; all heads
// lose equally many entries at a time, as under one budget. Memory is bounded by blocks of queries.
// Throws Error when attention does not add up to 1.
void attend_lifetimes(const LayerTensors& tokens, const std::vector<EvictionLog>& evictions,
                      const at::Tensor& out);

}  // namespace pressroom
