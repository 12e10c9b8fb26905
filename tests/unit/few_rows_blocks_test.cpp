// Products with quantised blocks against the figures of the format's own package, a plain loop in
// double precision, and the products of the same weight in float32.
#include "model/few_rows_blocks.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "each_instruction_set.h"
#include "quantised_blocks.h"
#include "sixteen_bits.h"
#include "test_folders.h"

namespace pressroom::few_rows_blocks_test {
namespace {

using Json = nlohmann::json;

struct BlockWeight {
  BlockWeight(WeightForm form, std::int64_t out, std::int64_t in)
      : bytes("?" + some_blocks(form, out * in / block_elements(form), static_cast<int>(out))),
        values(plain_values(form, bytes.substr(1))),
        // At an odd address: blocks are aligned to nothing.
        rows{bytes.data() + 1, form, out, in},
        wide{values.data(), WeightForm::kFloat32, out, in} {}
  BlockWeight(const BlockWeight&) = delete;
  BlockWeight& operator=(const BlockWeight&) = delete;

  std::string bytes;
  std::vector<float> values;
  WeightRows rows, wide;
};

std::vector<float> some_numbers(std::int64_t count, int stream) {
  std::vector<float> numbers;
  for (std::int64_t i = 0; i < count; ++i) {
    numbers.push_back(static_cast<float>(RandomKey(3).with(stream).with(i).uniform() - 0.5));
  }
  return numbers;
}

std::vector<float> product_of(const float* x, std::int64_t rows, const WeightRows& weight) {
  std::vector<float> result(static_cast<std::size_t>(rows * weight.out), NAN);
  few_rows_product(x, rows, weight, result.data(), weight.out);
  return result;
}

std::vector<std::int64_t> widths_of(WeightForm form) {
  const std::int64_t block = block_elements(form);
  return {block, 2 * block, 3 * block, 5 * block};
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

class BlocksOfFewRows : public OnEachInstructionSet {};

TEST_P(BlocksOfFewRows, AreUndoneToTheFiguresOfTheFormatsOwnPackage) {
  const std::string file = test_dir().string() + "/goldens/gguf_blocks.json";
  const Json goldens = Json::parse(std::ifstream(file));
  for (const WeightForm form : block_forms()) {
    const Json& golden = goldens.at(to_string(form));
    std::string bytes;
    for (const std::string block : golden.at("blocks")) bytes += from_hex(block);
    std::vector<float> expected;
    for (const double value : golden.at("values")) expected.push_back(static_cast<float>(value));
    std::vector<float> got(expected.size(), NAN);
    const std::int64_t width = block_elements(form);
    widen_weight_rows({bytes.data(), form, static_cast<std::int64_t>(got.size()) / width, width},
                      got.data());
    EXPECT_TRUE(same_bits(got, expected)) << to_string(form);
  }
}

// A sum of n products in float32, in any order, is off by at most n rounding units of the sum of
// their sizes.
TEST_P(BlocksOfFewRows, MultiplyToThePlainSumWithinItsErrorForAllSizes) {
  for (const WeightForm form : block_forms()) {
    for (std::int64_t out = 1; out <= 70; ++out) {
      const std::vector<std::int64_t> widths = widths_of(form);
      const std::int64_t in = widths[static_cast<std::size_t>(out) % widths.size()];
      const std::int64_t rows = out % kMostFewRows + 1;
      const BlockWeight weight(form, out, in);
      const std::vector<float> x = some_numbers(rows * in, 1);
      const std::vector<float> got = product_of(x.data(), rows, weight.rows);
      for (std::int64_t i = 0; i < rows * out; ++i) {
        const float* a = x.data() + i / out * in;
        const float* b = weight.values.data() + i % out * in;
        double sum = 0;
        double sizes = 0;
        for (std::int64_t k = 0; k < in; ++k) {
          sum += static_cast<double>(a[k]) * b[k];
          sizes += std::fabs(static_cast<double>(a[k]) * b[k]);
        }
        ASSERT_NEAR(got[static_cast<std::size_t>(i)], sum,
                    static_cast<double>(in) * 0x1p-24 * sizes + 1e-300)
            << to_string(form) << ", " << rows << " x " << in << ", output " << i % out;
      }
    }
  }
}

TEST_P(BlocksOfFewRows, MultiplyAsTheSameWeightInFloat32ToTheBit) {
  for (const WeightForm form : block_forms()) {
    for (const std::int64_t in : widths_of(form)) {
      for (const std::int64_t out : {1, 3, 4, 13}) {
        const BlockWeight weight(form, out, in);
        const std::vector<float> x = some_numbers(kMostFewRows * in, 2);
        for (std::int64_t rows = 1; rows <= kMostFewRows; ++rows) {
          ASSERT_TRUE(same_bits(product_of(x.data(), rows, weight.rows),
                                product_of(x.data(), rows, weight.wide)))
              << to_string(form) << ", " << rows << " x " << in << " x " << out;
        }
      }
    }
  }
}

TEST_P(BlocksOfFewRows, ARowIsTheSameInAnyCompanyAndAnySlice) {
  for (const WeightForm form : block_forms()) {
    const std::int64_t in = widths_of(form)[2];
    const std::int64_t out = 11;
    const BlockWeight weight(form, out, in);
    const std::vector<float> x = some_numbers(kMostFewRows * in, 3);
    const std::vector<float> together = product_of(x.data(), kMostFewRows, weight.rows);
    for (std::int64_t first = 0; first < kMostFewRows; ++first) {
      for (std::int64_t rows = 1; first + rows <= kMostFewRows; ++rows) {
        const std::vector<float> same(together.begin() + first * out,
                                      together.begin() + (first + rows) * out);
        ASSERT_EQ(product_of(x.data() + first * in, rows, weight.rows), same);
      }
    }
    for (std::int64_t first = 0; first < out; ++first) {
      for (std::int64_t count = 1; first + count <= out; ++count) {
        const std::vector<float> piece = product_of(x.data(), 1, weight.rows.slice(first, count));
        const std::vector<float> same(together.begin() + first, together.begin() + first + count);
        ASSERT_EQ(piece, same);
      }
    }
  }
}

TEST_P(BlocksOfFewRows, WhatIsNotANumberStaysInItsRow) {
  for (const WeightForm form : block_forms()) {
    const std::int64_t in = block_elements(form);
    const BlockWeight weight(form, 5, in);
    std::vector<float> x = some_numbers(4 * in, 4);
    x[static_cast<std::size_t>(in + 7)] = NAN;
    const std::vector<float> got = product_of(x.data(), 4, weight.rows);
    for (std::size_t i = 0; i < got.size(); ++i) EXPECT_EQ(std::isnan(got[i]), i / 5 == 1) << i;
  }
}

// Scales that are no numbers: so is all that they scale, but not a number that only looks like one.
TEST_P(BlocksOfFewRows, HaveTheScaleThatTheirSixteenBitsSay) {
  std::string bytes;
  const std::vector<std::uint16_t> scales = all_of_16_bits();
  for (const std::uint16_t scale : scales) {
    bytes.append(reinterpret_cast<const char*>(&scale), 2);
    bytes.append(32, '\1');  // Q8_0: each of the 32 numbers is the scale
  }
  std::vector<float> got(scales.size() * 32, 0);
  widen_weight_rows({bytes.data(), WeightForm::kQ8_0, static_cast<std::int64_t>(scales.size()), 32},
                    got.data());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_TRUE(is_same_number(got[i], value_of_float16(scales[i / 32]))) << std::hex << i / 32;
  }
}

INSTANTIATE_TEST_SUITE_P(EachInstructionSet, BlocksOfFewRows, instruction_sets(),
                         instruction_set_name);

}  // namespace
}  // namespace pressroom::few_rows_blocks_test
