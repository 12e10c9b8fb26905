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
// Both, ascending and without duplicates; the inputs are ascending.
Indices merged(const Indices& a, const Indices& b);
// `all` without `some`; both ascending.
Indices without(const Indices& all, const Indices& some);

// A part of the cache that a method reserves.
struct Region {
  const char* name;  // the parameter that sizes it
  std::int64_t tokens;
};

// Throws Error, with the numbers, where `regions` together need more than `limit_tokens`, which is
// called `limit` in the message: "budget".
void require_room(const std::vector<Region>& regions, std::int64_t limit_tokens, const char* limit);

// As an int64 tensor, which Policy::keep returns.
at::Tensor to_tensor(const Indices& indices);

// `tensor` [T] as contiguous float32 in host memory.
std::vector<float> to_floats(const at::Tensor& tensor);

}  // namespace pressroom
