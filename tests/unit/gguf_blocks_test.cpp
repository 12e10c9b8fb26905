// Element types of GGUF files against figures of the format's own package
// (tests/goldens/README.md).
#include "gguf/gguf_blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "test_folders.h"

namespace pressroom::gguf_blocks_test {
namespace {

using Json = nlohmann::json;

struct GoldenType {
  std::uint32_t type = 0;
  std::size_t block_bytes = 0;
  std::string bytes;
  std::vector<float> values;
};

std::string from_hex(const std::string& hex) {
  std::string bytes;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::map<std::string, GoldenType> golden_types() {
  const std::string file = test_dir().string() + "/goldens/gguf_blocks.json";
  const Json json = Json::parse(std::ifstream(file));
  std::map<std::string, GoldenType> types;
  for (const auto& [name, golden] : json.items()) {
    GoldenType& type = types[name];
    type.type = golden.at("type");
    for (const std::string block : golden.at("blocks")) {
      type.bytes += from_hex(block);
      type.block_bytes = block.size() / 2;
    }
    for (const double value : golden.at("values")) type.values.push_back(static_cast<float>(value));
  }
  return types;
}

bool same_bits(const float* a, const float* b, std::size_t count) {
  return std::memcmp(a, b, count * sizeof(float)) == 0;
}

TEST(GgufBlocks, ReadsElevenTypesToTheLastBit) {
  const auto types = golden_types();
  ASSERT_EQ(types.size(), 11U);
  for (const auto& [name, golden] : types) {
    SCOPED_TRACE(name);
    EXPECT_EQ(gguf_type_name(golden.type), name);
    ASSERT_EQ(gguf_block_bytes(golden.type), static_cast<std::int64_t>(golden.block_bytes));
    const std::size_t blocks = golden.bytes.size() / golden.block_bytes;
    ASSERT_EQ(gguf_block_elements(golden.type) * static_cast<std::int64_t>(blocks),
              static_cast<std::int64_t>(golden.values.size()));
    // At an odd address, where nothing can be read in place.
    const std::string shifted = "?" + golden.bytes;
    std::vector<float> values(golden.values.size(), NAN);
    dequantise(golden.type, shifted.data() + 1, static_cast<std::int64_t>(values.size()),
               values.data());
    EXPECT_TRUE(same_bits(values.data(), golden.values.data(), values.size()));
  }
}

TEST(GgufBlocks, ReadsAnyPartOfATensor) {
  for (const auto& [name, golden] : golden_types()) {
    SCOPED_TRACE(name);
    const auto total = static_cast<std::int64_t>(golden.values.size());
    const GgufTensor tensor = {golden.type, {total}, golden.bytes};
    for (std::int64_t first = 0; first < total; first += 7) {
      for (std::int64_t count : {0, 1, 31, 32, 33, 255, 256, 300}) {
        count = std::min(count, total - first);
        std::vector<float> values(static_cast<std::size_t>(count) + 1, 17.0F);
        dequantise_part(tensor, first, count, values.data());
        EXPECT_TRUE(
            same_bits(values.data(), golden.values.data() + first, static_cast<std::size_t>(count)))
            << first << " " << count;
        EXPECT_EQ(values.back(), 17.0F) << "written beyond the end";
      }
    }
  }
}

// By hand: scale 0.5 (0x3800), offset -3 (0xc200), then quants 0..15 low and 15..0 high.
TEST(GgufBlocks, PutsLowHalvesBeforeHighHalves) {
  std::string block("\x00\x38\x00\xc2", 4);
  for (int i = 0; i < 16; ++i) block += static_cast<char>(i | (15 - i) << 4);
  float values[32];
  dequantise(kGgufQ4_1, block.data(), 32, values);
  for (int i = 0; i < 16; ++i) {
    EXPECT_EQ(values[i], 0.5F * static_cast<float>(i) - 3);
    EXPECT_EQ(values[16 + i], 0.5F * static_cast<float>(15 - i) - 3);
  }
}

TEST(GgufBlocks, NamesTypesThatItCannotRead) {
  const std::map<std::uint32_t, std::string> cases = {
      {4, "type 4"}, {9, "Q8_1"}, {10, "Q2_K"}, {23, "IQ4_XS"}, {39, "MXFP4"}, {4096, "type 4096"}};
  for (const auto& [type, name] : cases) {
    EXPECT_EQ(gguf_type_name(type), name);
    EXPECT_EQ(gguf_block_elements(type), 0);
    EXPECT_EQ(gguf_block_bytes(type), 0);
  }
  EXPECT_EQ(gguf_readable_types(),
            "F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K");
}

}  // namespace
}  // namespace pressroom::gguf_blocks_test
