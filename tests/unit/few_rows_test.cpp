// Products of a few rows against a plain loop in double precision, and against each other.
#include "model/few_rows.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <vector>

#include "each_instruction_set.h"
#include "sixteen_bits.h"

namespace pressroom::few_rows_test {
namespace {

constexpr at::ScalarType kTypes[] = {at::kFloat, at::kBFloat16, at::kHalf};

WeightRows rows_of(const at::Tensor& weight) {
  const WeightForm form = weight.scalar_type() == at::kFloat      ? WeightForm::kFloat32
                          : weight.scalar_type() == at::kBFloat16 ? WeightForm::kBfloat16
                                                                  : WeightForm::kFloat16;
  return {weight.data_ptr(), form, weight.size(0), weight.size(1)};
}

std::vector<float> product_of(const at::Tensor& x, const at::Tensor& weight) {
  const std::int64_t rows = x.size(0);
  std::vector<float> result(static_cast<std::size_t>(rows * weight.size(0)), NAN);
  few_rows_product(x.data_ptr<float>(), rows, rows_of(weight), result.data(), weight.size(0));
  return result;
}

at::Tensor numbers(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  at::Generator generator = at::detail::createCPUGenerator(seed);
  return at::randn({rows, columns}, generator);
}

class FewRowsProduct : public OnEachInstructionSet {};

// A sum of n products in float32, in any order, is off by at most n rounding units of the sum of
// their sizes.
double bound(const float* x, const float* w, std::int64_t n) {
  double sizes = 0;
  for (std::int64_t i = 0; i < n; ++i) sizes += std::fabs(static_cast<double>(x[i]) * w[i]);
  return static_cast<double>(n) * 0x1p-24 * sizes;
}

TEST_P(FewRowsProduct, IsThePlainSumWithinItsErrorForAllSizes) {
  for (const at::ScalarType type : kTypes) {
    for (std::int64_t in = 1; in <= 70; ++in) {
      const std::int64_t out = (in * 13) % 70 + 1;
      const std::int64_t rows = in % kMostFewRows + 1;
      const at::Tensor x = numbers(rows, in, 1);
      const at::Tensor weight = numbers(out, in, 2).to(type);
      const at::Tensor wide = weight.to(at::kFloat);
      const std::vector<float> got = product_of(x, weight);
      for (std::int64_t r = 0; r < rows; ++r) {
        for (std::int64_t o = 0; o < out; ++o) {
          const float* a = x.data_ptr<float>() + r * in;
          const float* b = wide.data_ptr<float>() + o * in;
          double sum = 0;
          for (std::int64_t i = 0; i < in; ++i) sum += static_cast<double>(a[i]) * b[i];
          ASSERT_NEAR(got[static_cast<std::size_t>(r * out + o)], sum, bound(a, b, in) + 1e-300)
              << at::toString(type) << ", " << rows << " x " << in << ", output " << o;
        }
      }
    }
  }
}

TEST_P(FewRowsProduct, ARowIsTheSameInAnyCompanyAndAnySlice) {
  for (const at::ScalarType type : kTypes) {
    for (const std::int64_t in : {1, 15, 16, 17, 64, 70}) {
      const std::int64_t out = 23;
      const at::Tensor x = numbers(kMostFewRows, in, 3);
      const at::Tensor weight = numbers(out, in, 4).to(type);
      const std::vector<float> together = product_of(x, weight);
      for (std::int64_t rows = 1; rows < kMostFewRows; ++rows) {
        for (std::int64_t first = 0; first + rows <= kMostFewRows; ++first) {
          const std::vector<float> part = product_of(x.narrow(0, first, rows), weight);
          const std::vector<float> same(together.begin() + first * out,
                                        together.begin() + (first + rows) * out);
          ASSERT_EQ(part, same) << rows << " rows from " << first;
        }
      }
      // A piece of the weight, as a thread takes it, gives that piece of the result.
      for (const std::int64_t first : {0, 1, 6}) {
        std::vector<float> piece(static_cast<std::size_t>(kMostFewRows * out), NAN);
        few_rows_product(x.data_ptr<float>(), kMostFewRows,
                         rows_of(weight).slice(first, out - first), piece.data(), out);
        for (std::int64_t r = 0; r < kMostFewRows; ++r) {
          for (std::int64_t o = first; o < out; ++o) {
            ASSERT_EQ(piece[static_cast<std::size_t>(r * out + o - first)],
                      together[static_cast<std::size_t>(r * out + o)]);
          }
        }
      }
    }
  }
}

TEST_P(FewRowsProduct, AWeightOfSixteenBitsIsThatOfFloat32ToTheBit) {
  for (const at::ScalarType type : {at::kBFloat16, at::kHalf}) {
    // With what is special in 16 bits: zeros, denormals, the largest.
    at::Tensor weight = numbers(9, 37, 5).to(type);
    weight[0][0] = 0;
    weight[0][1] = -0.0;
    weight[1][2] = type == at::kHalf ? 6e-8 : 9.2e-41;
    weight[2][3] = type == at::kHalf ? 65504.0 : 3e38;
    const at::Tensor x = numbers(3, 37, 6);
    EXPECT_EQ(product_of(x, weight), product_of(x, weight.to(at::kFloat))) << at::toString(type);
  }
}

TEST_P(FewRowsProduct, WhatIsNotANumberStaysInItsRow) {
  at::Tensor x = numbers(4, 33, 7);
  x[1][32] = NAN;
  const std::vector<float> got = product_of(x, numbers(5, 33, 8));
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(std::isnan(got[i]), i / 5 == 1) << i;
}

// Widths that are no multiple of a vector: the last ones are read in another way.
TEST_P(FewRowsProduct, EachNumberOfSixteenBitsIsWhatItsFormatSays) {
  const std::vector<std::uint16_t> all = all_of_16_bits();
  struct Case {
    WeightForm form;
    float (*value)(std::uint16_t);
  };
  for (const Case& c :
       {Case{WeightForm::kFloat16, value_of_float16}, {WeightForm::kBfloat16, value_of_bfloat16}}) {
    const float one = 1;
    std::vector<float> widened(all.size());
    widen_weight_rows({all.data(), c.form, 1, static_cast<std::int64_t>(all.size())},
                      widened.data());
    std::vector<float> tail(13);
    for (std::size_t i = 0; i < all.size(); ++i) {
      const float expected = c.value(all[i]);
      ASSERT_TRUE(is_same_number(widened[i], expected)) << to_string(c.form) << " " << i;
      // As a weight [1,1] of one number: the zeros that fill its vector leave only the sign of 0.
      float product = 0;
      few_rows_product(&one, 1, {&all[i], c.form, 1, 1}, &product, 1);
      ASSERT_TRUE(is_same_number(product + 0.0F, expected + 0.0F)) << to_string(c.form) << " " << i;
      if (i + tail.size() > all.size() || i % 97 != 0) continue;
      widen_weight_rows({&all[i], c.form, 1, static_cast<std::int64_t>(tail.size())}, tail.data());
      for (std::size_t k = 0; k < tail.size(); ++k) {
        ASSERT_TRUE(is_same_number(tail[k], c.value(all[i + k]))) << to_string(c.form);
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EachInstructionSet, FewRowsProduct, instruction_sets(),
                         instruction_set_name);

}  // namespace
}  // namespace pressroom::few_rows_test
