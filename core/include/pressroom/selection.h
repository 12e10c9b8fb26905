// Choosing entries by score with the one tie rule there is: of equal scores the newer entry stays.
//
//   const at::Tensor kept = highest(scores, within(head, plan), count);
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "pressroom/method.h"

namespace pressroom {

using Indices = std::vector<std::int64_t>;

// A range of cache indices, [begin, end).
struct IndexRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  std::int64_t size() const { return end - begin; }
};

// The entries of a head that may leave: all but the sinks (original positions below `sinks`) and
// the last `recents`. Empty where they overlap.
IndexRange evictable(const HeadView& head, std::int64_t sinks, std::int64_t recents);

// Of the entries in `range`, the `count` with the highest of `scores`, indexed as the cache is:
// ascending indices. All of them where there are no more than `count`, none for a count below 1.
Indices highest(const float* scores, IndexRange range, std::int64_t count);
// The same among `candidates`, ascending indices.
Indices highest(const float* scores, const Indices& candidates, std::int64_t count);
Indices highest(const double* scores, const Indices& candidates, std::int64_t count);

// The `count` lowest in `range`: what leaves when the highest stay. Of equal scores the older.
Indices lowest(const float* scores, IndexRange range, std::int64_t count);

// begin, begin + 1, ..., end - 1.
Indices indices_of(IndexRange range);
// 0, 1, ..., T - 1: a head that keeps all.
Indices all_of(const HeadView& head);
std::vector<Indices> all_of(const LayerView& layer);
// Entries of all heads together.
std::int64_t entries_in(const LayerView& layer);
// The entries in a head of `layer`, for methods that cut all heads at the same places. Throws Error
// where heads hold different numbers of them, as after a method that gives heads budgets of their
// own.
std::int64_t entries_per_head(const LayerView& layer);
// All of `head` but, within `range`, what is not `kept` (ascending).
Indices all_but(const HeadView& head, IndexRange range, const Indices& kept);
// The last `count` of `indices`.
Indices newest(Indices indices, std::int64_t count);
// Both, ascending and without duplicates; the inputs are ascending.
Indices merged(const Indices& a, const Indices& b);
// `all` without `some`; both ascending.
Indices without(const Indices& all, const Indices& some);

// `chosen` are indices into `part`, which are indices into the cache: those into the cache. What a
// SubsetLayer's indices are turned back by. `chosen` is ascending, so is the result.
Indices through(const Indices& part, const Indices& chosen);
// The same for each head of a layer.
std::vector<Indices> through(const std::vector<Indices>& parts, const std::vector<Indices>& chosen);

// The entries of a whole layer that stay when its KV heads share `places`: what is `certain` in
// each head (ascending indices), and of the rest the highest of `scores` ([T] float32 in host
// memory for each head), whichever head they are in, as many as places are left. Of equal scores
// the newer stays, of equally new ones that of the higher head. Throws Error on a NaN.
std::vector<Indices> highest_of_layer(const LayerView& layer, const std::vector<at::Tensor>& scores,
                                      std::vector<Indices> certain, std::int64_t places);

// The mean of `values` over a box of `width` (odd) around each, places beyond either end counting
// as 0. Float32.
std::vector<float> box_mean(const std::vector<float>& values, std::int64_t width);

// The rows of `per_entry` ([T,...], keys for instance) that belong to the entries of `range`.
at::Tensor rows_of(const at::Tensor& per_entry, IndexRange range);

// [size] float32: `scores` of the oldest entries, 0 for those behind, a window that is protected.
at::Tensor with_zeros(std::vector<float> scores, std::int64_t size);

// A part of the cache that a method reserves.
struct Region {
  const char* name;  // the parameter that sizes it
  std::int64_t tokens;
};

// Throws Error, with the numbers, where `regions` together need more than `limit_tokens`, which is
// called `limit` in the message: "budget".
void require_room(const std::vector<Region>& regions, std::int64_t limit_tokens, const char* limit);

// `fraction` of `tokens`, truncated as in the reference implementations.
std::int64_t fraction_of(std::int64_t tokens, double fraction);

// As an int64 tensor, which Policy::keep returns.
at::Tensor to_tensor(const Indices& indices);
// As Policy::keep_layer returns them.
std::vector<at::Tensor> to_tensors(const std::vector<Indices>& indices);

// `tensor` [T] as contiguous float32 in host memory.
std::vector<float> to_floats(const at::Tensor& tensor);
// `tensor` [T] int64, positions for instance.
Indices to_indices(const at::Tensor& tensor);

}  // namespace pressroom
