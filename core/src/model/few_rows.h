// Products of a few rows of numbers with a weight, as decoding needs them: one token of one
// sequence, or one of each of a few. The weight is read once, in order, and that is what such a
// product costs; a general matrix product of this height leaves most of the memory's speed unused.
//
//   few_rows_product(x, 1, weight_rows_of(weight), out, weight.out);
//
// A row's numbers do not depend on how many rows there are, nor on which threads share the weight:
// each is the sum of the same products in the same order. So a sequence gets the same bits alone
// and in company (decision 4).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace pressroom {

// Above this many rows a general product reads no more and computes faster.
inline constexpr std::int64_t kMostFewRows = 8;

// How the numbers of a weight lie in memory. Those of 16 bits are widened as they are read, which
// is exact: the product is that of the same weight in float32, to the bit.
enum class WeightForm { kFloat32, kBfloat16, kFloat16 };

// A weight [out, in] in host memory, row by row. Borrowed.
struct WeightRows {
  const void* data = nullptr;
  WeightForm form = WeightForm::kFloat32;
  std::int64_t out = 0;
  std::int64_t in = 0;

  // Rows first .. first + count - 1 of it.
  WeightRows slice(std::int64_t first, std::int64_t count) const;
};

// Of a contiguous [out, in] tensor in host memory, of float32, bfloat16 or float16.
WeightRows weight_rows_of(const at::Tensor& weight);

// Row `row` of the weight as float32, [in].
void widen_row(const WeightRows& weight, std::int64_t row, float* out);

// result[r * stride + o] = sum over i of x[r * in + i] * weight[o][i], for `rows` rows, 1 to
// kMostFewRows. Sums are float32, one for each lane of a vector, added up at the end: as exact as a
// general product. `stride`: numbers from one row of the result to the next, at least weight.out.
// On the calling thread alone; allocates nothing.
void few_rows_product(const float* x, std::int64_t rows, const WeightRows& weight, float* result,
                      std::int64_t stride);

}  // namespace pressroom
