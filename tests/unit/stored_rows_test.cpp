#include "engine/cache/stored_rows.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>

#include "engine/attention/layer_tensors.h"
#include "pressroom/error.h"
#include "pressroom/random.h"

namespace pressroom::stored_rows_test {
namespace {

constexpr KvDtype kAll[] = {KvDtype::kFloat32, KvDtype::kBfloat16, KvDtype::kFloat16, KvDtype::kQ8};

std::vector<float> rounded_by(KvDtype dtype, std::vector<float> vector) {
  round_vector(dtype, vector.data(), static_cast<std::int64_t>(vector.size()));
  return vector;
}

std::vector<float> random_vector(std::int64_t channels, RandomKey random, double scale) {
  std::vector<float> vector;
  for (std::int64_t c = 0; c < channels; ++c) {
    vector.push_back(static_cast<float>((random.with(c).uniform() * 2 - 1) * scale));
  }
  return vector;
}

TEST(KvDtype, HasANameAndASize) {
  for (const KvDtype dtype : kAll) EXPECT_EQ(parse_kv_dtype(to_string(dtype)), dtype);
  EXPECT_THROW(parse_kv_dtype("int4"), Error);
  struct Case {
    std::int64_t channels, float32, half, q8;
  };
  // Under q8 a byte a channel, and two for each 32 channels and for what is left of them.
  for (const Case& c : {Case{64, 256, 128, 68},
                        {32, 128, 64, 34},
                        {33, 132, 66, 37},
                        {1, 4, 2, 3},
                        {80, 320, 160, 86}}) {
    EXPECT_EQ(stored_bytes(KvDtype::kFloat32, c.channels), c.float32);
    EXPECT_EQ(stored_bytes(KvDtype::kBfloat16, c.channels), c.half);
    EXPECT_EQ(stored_bytes(KvDtype::kFloat16, c.channels), c.half);
    EXPECT_EQ(stored_bytes(KvDtype::kQ8, c.channels), c.q8);
  }
}

// Neighbours of 1 are 2^-8 below and 2^-7 above in bfloat16 (8 bits), 2^-11 and 2^-10 in float16
// (11 bits). What lies half way goes to the even one: to 1 from both sides.
TEST(StoredRows, RoundToTheNearestAndHalfWaysToTheEven) {
  const double inf = std::numeric_limits<double>::infinity();
  struct Case {
    double from, bfloat16, float16;
  };
  const std::vector<Case> cases = {
      {0, 0, 0},
      {1, 1, 1},
      {-2.5, -2.5, -2.5},
      {1 + std::ldexp(1, -8), 1, 1 + std::ldexp(1, -8)},
      {1 + std::ldexp(3, -8), 1 + std::ldexp(2, -7), 1 + std::ldexp(3, -8)},
      {1 + std::ldexp(1, -8) + std::ldexp(1, -20), 1 + std::ldexp(1, -7), 1 + std::ldexp(1, -8)},
      {1 - std::ldexp(1, -9), 1, 1 - std::ldexp(1, -9)},
      {1 + std::ldexp(1, -11), 1, 1},
      {1 + std::ldexp(3, -11), 1, 1 + std::ldexp(2, -10)},
      {-1 - std::ldexp(3, -11), -1, -1 - std::ldexp(2, -10)},
      {1 + std::ldexp(1, -11) + std::ldexp(1, -20), 1, 1 + std::ldexp(1, -10)},
      {65504, 65536, 65504},
      {65519, 65536, 65504},
      {65520, 65536, inf},         // half way to 65536, which float16 does not have
      {-1e30, -0x1.94p+99, -inf},  // 1e30 / 2^99 = 1.5777: 202 / 128
      {std::ldexp(1, -24), std::ldexp(1, -24), std::ldexp(1, -24)},  // the least of float16
      {std::ldexp(1, -25), std::ldexp(1, -25), 0},
      {std::ldexp(3, -25), std::ldexp(3, -25), std::ldexp(2, -24)},
  };
  for (const Case& c : cases) {
    const auto from = static_cast<float>(c.from);
    EXPECT_EQ(rounded_by(KvDtype::kFloat32, {from})[0], from);
    EXPECT_EQ(rounded_by(KvDtype::kBfloat16, {from})[0], static_cast<float>(c.bfloat16)) << c.from;
    EXPECT_EQ(rounded_by(KvDtype::kFloat16, {from})[0], static_cast<float>(c.float16)) << c.from;
  }
}

// A largest magnitude of 127 makes a scale of 1: numbers round to integers, half ways to even ones.
TEST(StoredRows, UnderQ8AreMultiplesOfAScale) {
  EXPECT_EQ(rounded_by(KvDtype::kQ8, {127, 0.5F, 1.5F, 2.5F, -0.5F, -1.5F, 2.51F, -126.5F}),
            (std::vector<float>{127, 0, 2, 2, 0, -2, 3, -126}));
  EXPECT_EQ(rounded_by(KvDtype::kQ8, {0.5F * 127, 0.24F, 0.26F, -3.75F}),
            (std::vector<float>{0.5F * 127, 0, 0.5F, -4}));
  EXPECT_EQ(rounded_by(KvDtype::kQ8, {0, 0, 0}), (std::vector<float>{0, 0, 0}));
  // 1 / 127 in float16 is 2^-7 (1 + 8 / 1024): 126.99 of them make 1.
  const float scale = std::ldexp(1.0F + 8.0F / 1024, -7);
  EXPECT_EQ(rounded_by(KvDtype::kQ8, {1, -1, 0.5F}),
            (std::vector<float>{127 * scale, -127 * scale, 64 * scale}));
  // Every 32 channels, and the rest, have a scale of their own.
  std::vector<float> long_one(40, 0.25F);
  long_one[0] = 127;
  long_one[32] = 31.75F;
  std::vector<float> expected(40, 0);
  expected[0] = 127;
  for (std::size_t c = 32; c < 40; ++c) expected[c] = 0.25F;
  expected[32] = 31.75F;
  EXPECT_EQ(rounded_by(KvDtype::kQ8, long_one), expected);
}

// By the definition in double, whatever the channels: the scale is the float16 nearest to the
// largest magnitude over 127, or among the subnormal ones the least that 127 of reach it; a channel
// is off by half of it at most.
TEST(StoredRows, UnderQ8AreOffByHalfAScaleAtMost) {
  for (const double scale : {1e-8, 1e-5, 1e-4, 1e-3, 0.1, 1.0, 300.0}) {
    for (std::int64_t channels = 1; channels <= 70; ++channels) {
      const std::vector<float> vector = random_vector(channels, RandomKey(3).with(channels), scale);
      const std::vector<float> got = rounded_by(KvDtype::kQ8, vector);
      for (std::int64_t first = 0; first < channels; first += 32) {
        double largest = 0;
        for (std::int64_t c = first; c < std::min(first + 32, channels); ++c) {
          largest = std::max(largest, std::abs(static_cast<double>(vector[c])));
        }
        const double exponent = std::max(std::floor(std::log2(largest / 127)), -14.0);
        const double unit = std::ldexp(1, static_cast<int>(exponent) - 10);
        const double exact = largest / 127 / unit;
        const double rounded = std::nearbyint(exact);
        const bool is_subnormal = rounded * unit < std::ldexp(1, -14);
        const double half = (is_subnormal ? std::ceil(exact) : rounded) * unit;
        for (std::int64_t c = first; c < std::min(first + 32, channels); ++c) {
          const double steps = got[c] / half;
          EXPECT_EQ(steps, std::nearbyint(steps)) << c << " of " << channels;
          EXPECT_LE(std::abs(steps), 127);
          EXPECT_LE(std::abs(got[c] - vector[c]), 0.5000001 * half) << c << ", " << scale;
        }
      }
    }
  }
}

TEST(StoredRows, WhatIsNotFiniteIsSeen) {
  const float inf = std::numeric_limits<float>::infinity();
  for (const float bad : {std::nanf(""), inf, -inf}) {
    for (const KvDtype dtype : kAll) {
      std::vector<float> vector(33, 1);
      vector[5] = bad;
      const std::vector<float> got = rounded_by(dtype, vector);
      EXPECT_FALSE(std::isfinite(got[5])) << to_string(dtype);
      if (dtype == KvDtype::kQ8) {
        EXPECT_TRUE(std::isnan(got[0]));
      }
      EXPECT_NEAR(got[32], 1, 1e-4) << to_string(dtype);
    }
  }
}

// What is read is rounded already: storing it again changes nothing.
TEST(StoredRows, ReadAsTheyWereRoundedAndRoundNoFurther) {
  for (const KvDtype dtype : kAll) {
    for (std::int64_t channels = 1; channels <= 70; ++channels) {
      const std::vector<float> vector = random_vector(channels, RandomKey(4).with(channels), 2);
      std::vector<std::byte> stored(static_cast<std::size_t>(stored_bytes(dtype, channels)));
      store_vector(dtype, vector.data(), channels, stored.data());
      std::vector<float> read(vector.size());
      widen_rows({stored.data(), dtype, channels, stored_bytes(dtype, channels)}, 1, read.data(),
                 channels);
      const std::vector<float> once = rounded_by(dtype, vector);
      EXPECT_EQ(read, once) << to_string(dtype) << channels;
      EXPECT_EQ(rounded_by(dtype, once), once) << to_string(dtype) << channels;
      const at::Tensor tensor = at::tensor(vector).view({1, channels});
      EXPECT_TRUE(at::equal(rounded(tensor, dtype), at::tensor(once).view({1, channels})))
          << to_string(dtype) << channels;
    }
  }
}

}  // namespace
}  // namespace pressroom::stored_rows_test
