// The inner loops of attention, vectorised for the processor that runs them (Highway, chosen at run
// time). How the keys lie decides what a score is made by: column_scores for the slots of a
// SlotHead, row_scores for the rows of a HeadCache. What reads rows (stored_row_kernels.cpp) reads
// them as they are stored, and gives what it would give of the same rows widened to float32, bit
// for bit.
//
// Rows of scores are padded: strides are multiples of kVectorPadding floats, so that loops never
// need a tail, and what lies in the padding is finite and never read as a result.
#pragma once

#include <cstdint>

#include "engine/cache/stored_rows.h"

namespace pressroom {

constexpr std::int64_t kVectorPadding = 16;  // floats in the widest vector we expect

inline std::int64_t padded(std::int64_t count) {
  return (count + kVectorPadding - 1) / kVectorPadding * kVectorPadding;
}

// scores[h,j] = q[h] . k[j] for `group` queries [g,d] and `count` keys that lie as columns:
// channel c of key j at keys[c * stride + j]. `scores` is [g,stride].
void column_scores(const float* queries, std::int64_t group, std::int64_t head_dim,
                   const float* keys, std::int64_t stride, std::int64_t count, float* scores);

// scores[h,j] = scale * q[h] . k[j] for `group` queries [g,d] and the first `count` of `keys`, into
// rows of `stride` floats. d, the channels of a key, is a multiple of kVectorPadding. Equal keys
// get equal scores, bit for bit, wherever they lie.
void row_scores(const float* queries, std::int64_t group, const StoredRows& keys,
                std::int64_t count, float scale, float* scores, std::int64_t stride);

// softmax over the first `count` scores, in place; what lies behind becomes 0 up to the padding.
void softmax(float* scores, std::int64_t count);

// out[h] = sum over j of weights[h,j] v[j] for weights [g,stride] and the first `count` of
// `values`, whose channels are a multiple of kVectorPadding; `out` is [g,channels].
void weighted_sums(const float* weights, std::int64_t group, std::int64_t stride,
                   const StoredRows& values, std::int64_t count, float* out);

// total[j] += sum over h of rows[h,j], for rows [g,stride] and j < stride.
void add_rows(const float* rows, std::int64_t group, std::int64_t stride, float* total);

// Replaces `count` values by exp(value - largest), and returns their sum; scales `count` values.
float exp_in_place(float* values, std::int64_t count, float largest);
void scale_in_place(float* values, std::int64_t count, float factor);

// The largest of `count` values, and the sum of exp(values - largest) over them, in float32.
float largest_of(const float* values, std::int64_t count);
float sum_of_exp(const float* values, std::int64_t count, float largest);

// softmax over the entries that query `t` sees - birth[j] <= t <= death[j], at least one - of
// scale * scores[j], in place; 0 for the others. `count` entries, without padding.
void masked_softmax(float* scores, std::int64_t count, float scale, const std::int32_t* birth,
                    const std::int32_t* death, std::int32_t t);

}  // namespace pressroom
