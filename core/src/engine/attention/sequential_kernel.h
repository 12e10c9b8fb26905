// The seam between replay and the device it runs on: attention of one token after another over
// caches that evict. It is the one loop that is no product, as what a token sees depends on the
// attention of those before it.
//
// For methods that rank by a statistic the engine keeps or by a score given at birth, fed token by
// token. Everything else goes by lifetimes (engine/attention/attention.h,
// engine/attention/layer_tensors.h) or through the policy (engine/eviction/layer_state.h).
//
// A kernel for another kind of device implements this class and is named in kernel_for.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/attention/layer_tensors.h"
#include "engine/cache/eviction_log.h"
#include "engine/cache/layer_setup.h"
#include "protocol/protocol.h"

namespace pressroom {

// One layer of one document. Borrowed; all tensors on one device.
struct SequentialInput {
  const LayerSetup& setup;
  const Schedule& schedule;  // of single tokens
  std::int64_t layer = 0;    // named in errors
  const LayerTensors& tokens;
  at::Tensor birth_scores;  // [G,N] float32; undefined where a statistic ranks
};

class SequentialKernel {
 public:
  virtual ~SequentialKernel();

  // Appends token 0, attends with it, evicts where the schedule says so; then token 1, ... What
  // exceeds the budget leaves: lowest rank first, of equal ranks the older, sinks and recents
  // never.
  //
  // Outputs go into `out`, [N,G,g,d] without gaps, where the input lies. Returns the evictions of
  // each KV head. Equal vectors get equal scores, bit for bit. Throws Error when a rank is NaN or
  // attention does not add up to 1. Thread-safe; may use `threads`.
  virtual std::vector<EvictionLog> attend(const SequentialInput& input, const at::Tensor& out,
                                          std::int64_t threads) const = 0;

  // Whether the tensors must lie in host memory. What surrounds a kernel that needs it is the code
  // that is fastest there.
  virtual bool needs_host_memory() const = 0;
};

// The host's: vectorised, a KV head at a time (engine/attention/slot_head.h).
const SequentialKernel& slot_kernel();

// Made of batched tensor operations, all KV heads of a layer at once, on any device. Nothing is
// read back before the last token.
const SequentialKernel& portable_kernel();

// The fastest there is for `device`.
const SequentialKernel& kernel_for(const at::Device& device);

// "layer 3, kv head 1".
std::string head_place(std::int64_t layer, std::int64_t kv_head);

// A rank of `position` is NaN: of a score given at birth, or of a statistic.
[[noreturn]] void refuse_nan_rank(const std::string& where, std::int64_t position,
                                  bool is_birth_score);

}  // namespace pressroom
