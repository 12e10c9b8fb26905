// What attention makes of rows as they are stored, on each instruction set: against plain loops in
// float64 over what is read of the rows, and every number of 16 bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "each_instruction_set.h"
#include "engine/attention/attention_kernels.h"
#include "engine/cache/stored_vectors.h"
#include "pressroom/random.h"
#include "sixteen_bits.h"

namespace pressroom::stored_row_kernels_test {
namespace {

using Vector = std::vector<float>;

constexpr KvDtype kAll[] = {KvDtype::kFloat32, KvDtype::kBfloat16, KvDtype::kFloat16, KvDtype::kQ8};
constexpr std::int64_t kMostRows = 70;

class StoredRowKernels : public OnEachInstructionSet {};

Vector numbers(std::int64_t count, RandomKey random) {
  Vector values;
  for (std::int64_t i = 0; i < count; ++i) {
    values.push_back(static_cast<float>(random.with(i).uniform() * 2 - 1));
  }
  return values;
}

// Random rows, and what is read of them.
struct Rows {
  StoredVectors stored;
  Vector wide;

  Rows(KvDtype dtype, std::int64_t count, std::int64_t channels, RandomKey random)
      : stored(dtype, channels), wide(static_cast<std::size_t>(count * channels)) {
    for (std::int64_t j = 0; j < count; ++j) {
      stored.append(numbers(channels, random.with(j)).data());
    }
    widen_rows(stored.rows(), count, wide.data(), channels);
  }
};

// Within what a float32 sum of `terms` products can be off, and half a unit for the last rounding.
void expect_sum(float got, double sum, double sizes, std::int64_t terms) {
  ASSERT_NEAR(got, sum, static_cast<double>(terms + 1) * 0x1p-24 * sizes);
}

// Every count of rows, groups of 1 .. 7 and widths of 1 .. 5 times the padding in turn.
template <typename Check>
void for_all_shapes(Check&& check) {
  for (const KvDtype dtype : kAll) {
    for (std::int64_t count = 1; count <= kMostRows; ++count) {
      const std::int64_t group = 1 + count % 7;
      const std::int64_t channels = kVectorPadding * (1 + count % 5);
      SCOPED_TRACE(std::string(to_string(dtype)) + ", " + std::to_string(count) + " x " +
                   std::to_string(channels) + ", group " + std::to_string(group));
      ASSERT_NO_FATAL_FAILURE(check(dtype, count, group, channels));
    }
  }
}

TEST_P(StoredRowKernels, ScoresAreScaledProducts) {
  for_all_shapes([](KvDtype dtype, std::int64_t count, std::int64_t group, std::int64_t d) {
    const Rows keys(dtype, count, d, RandomKey(1).with(count));
    const Vector queries = numbers(group * d, RandomKey(2).with(count));
    const std::int64_t stride = padded(count);
    Vector scores(static_cast<std::size_t>(group * stride), NAN);
    row_scores(queries.data(), group, keys.stored.rows(), count, 0.125F, scores.data(), stride);
    for (std::int64_t h = 0; h < group; ++h) {
      for (std::int64_t j = 0; j < count; ++j) {
        double sum = 0;
        double sizes = 0;
        for (std::int64_t c = 0; c < d; ++c) {
          const double product = 0.125 * queries[h * d + c] * keys.wide[j * d + c];
          sum += product;
          sizes += std::fabs(product);
        }
        ASSERT_NO_FATAL_FAILURE(expect_sum(scores[h * stride + j], sum, sizes, d));
      }
    }
  });
}

TEST_P(StoredRowKernels, WeightedSumsAreSums) {
  for_all_shapes([](KvDtype dtype, std::int64_t count, std::int64_t group, std::int64_t d) {
    const Rows values(dtype, count, d, RandomKey(3).with(count));
    const std::int64_t stride = padded(count);
    const Vector weights = numbers(group * stride, RandomKey(4).with(count));
    Vector out(static_cast<std::size_t>(group * d), NAN);
    weighted_sums(weights.data(), group, stride, values.stored.rows(), count, out.data());
    for (std::int64_t h = 0; h < group; ++h) {
      for (std::int64_t c = 0; c < d; ++c) {
        double sum = 0;
        double sizes = 0;
        for (std::int64_t j = 0; j < count; ++j) {
          const double product =
              static_cast<double>(weights[h * stride + j]) * values.wide[j * d + c];
          sum += product;
          sizes += std::fabs(product);
        }
        ASSERT_NO_FATAL_FAILURE(expect_sum(out[h * d + c], sum, sizes, count));
      }
    }
  });
}

// To the bit: a run with kv_dtype is what the same numbers in float32 would give.
TEST_P(StoredRowKernels, GiveWhatTheSameNumbersInFloat32Give) {
  for_all_shapes([](KvDtype dtype, std::int64_t count, std::int64_t group, std::int64_t d) {
    const Rows rows(dtype, count, d, RandomKey(5).with(count));
    const StoredRows wide = float_rows(rows.wide.data(), d, d);
    const std::int64_t stride = padded(count);
    const Vector weights = numbers(group * std::max(stride, d), RandomKey(6).with(count));
    Vector scores[2], sums[2];
    for (int i = 0; i < 2; ++i) {
      const StoredRows& read = i == 0 ? rows.stored.rows() : wide;
      scores[i].resize(static_cast<std::size_t>(group * stride));
      sums[i].resize(static_cast<std::size_t>(group * d));
      row_scores(weights.data(), group, read, count, 0.25F, scores[i].data(), stride);
      weighted_sums(weights.data(), group, stride, read, count, sums[i].data());
    }
    ASSERT_EQ(scores[0], scores[1]);
    ASSERT_EQ(sums[0], sums[1]);
  });
}

// One row of all of them, weighted by 1.
TEST_P(StoredRowKernels, ReadEachNumberOfSixteenBitsAsItIs) {
  const std::vector<std::uint16_t> all = all_of_16_bits();
  const auto channels = static_cast<std::int64_t>(all.size());
  struct Case {
    KvDtype dtype;
    float (*value)(std::uint16_t);
  };
  for (const Case& c :
       {Case{KvDtype::kFloat16, value_of_float16}, {KvDtype::kBfloat16, value_of_bfloat16}}) {
    const StoredRows rows = {reinterpret_cast<const std::byte*>(all.data()), c.dtype, channels,
                             2 * channels};
    const float weight[kVectorPadding] = {1};
    Vector got(all.size(), 0);
    weighted_sums(weight, 1, kVectorPadding, rows, 1, got.data());
    for (std::size_t i = 0; i < got.size(); ++i) {
      // Added to 0, which leaves no sign of 0.
      ASSERT_TRUE(is_same_number(got[i], c.value(all[i]) + 0.0F)) << to_string(c.dtype) << i;
    }
  }
}

// One row of 32 ones under each scale.
TEST_P(StoredRowKernels, ReadEachScaleOfQ8AsItIs) {
  const std::vector<std::uint16_t> scales = all_of_16_bits();
  const auto channels = static_cast<std::int64_t>(scales.size()) * kScaledChannels;
  std::vector<std::byte> row(static_cast<std::size_t>(channels), std::byte{1});
  row.resize(row.size() + 2 * scales.size());
  std::memcpy(row.data() + channels, scales.data(), 2 * scales.size());
  const StoredRows rows = {row.data(), KvDtype::kQ8, channels,
                           static_cast<std::int64_t>(row.size())};
  const float weight[kVectorPadding] = {1};
  Vector got(static_cast<std::size_t>(channels), 0);
  weighted_sums(weight, 1, kVectorPadding, rows, 1, got.data());
  for (std::size_t i = 0; i < got.size(); ++i) {
    const float scale = value_of_float16(scales[i / kScaledChannels]);
    ASSERT_TRUE(is_same_number(got[i], scale + 0.0F)) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(EachInstructionSet, StoredRowKernels, instruction_sets(),
                         instruction_set_name);

}  // namespace
}  // namespace pressroom::stored_row_kernels_test
