// Products of a few rows of numbers with a weight, as decoding needs them: one token of one
// sequence, or one of each of a few. The weight is read once, in order, and that is what such a
// product costs; a general matrix product of this height leaves most of the memory's speed unused.
//
//   few_rows_product(x, 1, {numbers, WeightForm::kBfloat16, 576, 1536}, out, 576);
//
// A row's numbers do not depend on how many rows there are, nor on which threads share the weight:
// each is the sum of the same products in the same order. So a sequence gets the same bits alone
// and in company (decision 4).
#pragma once

#include <cstdint>

#include "weights/weight_form.h"

namespace pressroom {

// Above this many rows a general product reads no more and computes faster.
inline constexpr std::int64_t kMostFewRows = 8;

// A weight [out, in] in host memory, row by row. Borrowed. Numbers of 16 bits are widened as they
// are read, and blocks undone (model/few_rows_blocks.h), both exactly: the product is that of the
// same weight in float32, to the bit.
struct WeightRows {
  const void* data = nullptr;
  WeightForm form = WeightForm::kFloat32;
  std::int64_t out = 0;
  std::int64_t in = 0;

  // Rows first .. first + count - 1 of it.
  WeightRows slice(std::int64_t first, std::int64_t count) const;
};

// All of the weight as float32, [out,in].
void widen_weight_rows(const WeightRows& weight, float* out);

// result[r * stride + o] = sum over i of x[r * in + i] * weight[o][i], for `rows` rows, 1 to
// kMostFewRows. Sums are float32, one for each lane of a vector, added up at the end: as exact as a
// general product. `stride`: numbers from one row of the result to the next, at least weight.out.
// On the calling thread alone; allocates nothing.
void few_rows_product(const float* x, std::int64_t rows, const WeightRows& weight, float* result,
                      std::int64_t stride);

}  // namespace pressroom
