// The caches of all KV heads of a layer as tensors, one token at a time: SlotHead
// (engine/attention/slot_head.h) in batched operations, on any device.
//
//   SlotTensors slots(input);
//   for each t: slots.append(t); slots.attend(t, out[t]); slots.evict(t) where the schedule says so
//   slots.evictions()
//
// Entries lie in slots, in no order; a new one takes a slot that was left, or opens one. All heads
// hold equally many, so sizes are known without asking the device; which slots they are differs by
// head. Nothing is read back before evictions().
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "engine/attention/layer_tensors.h"
#include "engine/attention/sequential_kernel.h"
#include "engine/cache/eviction_log.h"

namespace pressroom {

class SlotTensors {
 public:
  // `input` is borrowed.
  explicit SlotTensors(const SequentialInput& input);

  // Adds the entries of token t.
  void append(std::int64_t t);

  // Attention of token t over all entries, its own included, into `out` [G,g,d], and the statistic
  // of every entry.
  void attend(std::int64_t t, at::Tensor out);

  // After the query of t: drops what exceeds the budget, lowest rank first and the older of two
  // equals.
  void evict(std::int64_t t);

  // Of each head. Throws Error when a rank was NaN, or attention did not add up to 1, on the way.
  std::vector<EvictionLog> evictions() const;

 private:
  at::Tensor opened(const at::Tensor& slots) const;
  at::Tensor free_slot();
  at::Tensor ranks_after(std::int64_t t) const;
  at::Tensor candidates(std::int64_t t) const;
  at::Tensor lowest(const at::Tensor& ranks, std::int64_t t) const;
  void note_nan(const at::Tensor& ranks, std::int64_t t);
  void check() const;

  const SequentialInput& input_;
  const LayerTensors& tokens_;
  TensorRotary rotary_;
  bool by_index_, by_birth_;
  std::int64_t heads_, count_, head_dim_;                   // G, N, d
  std::int64_t size_ = 0;                                   // entries held by each head
  std::int64_t opened_ = 0;                                 // slots that were ever used
  std::int64_t reused_ = 0;                                 // of vacant_
  at::Tensor keys_, raw_keys_, values_;                     // [G,slots,d]
  at::Tensor rank_, positions_, position_shift_, is_held_;  // [G,slots]
  at::Tensor unopened_;                                     // [slots], indices
  at::Tensor vacant_;                                       // [G,n], slots left at the last event
  at::Tensor left_after_, left_with_;                       // [G,N], by position
  at::Tensor nan_position_, row_error_;                     // [G]
};

}  // namespace pressroom
