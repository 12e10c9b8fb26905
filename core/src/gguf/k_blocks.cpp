#include "gguf/k_blocks.h"

#include <cstddef>
#include <cstring>

#include "weights/widen.h"

namespace pressroom {
namespace {

constexpr int kSuperBlock = 256;
constexpr std::ptrdiff_t kGroup = 32;
constexpr int kGroups = 8;

float load_half(const std::uint8_t* bytes) {
  std::uint16_t half = 0;
  std::memcpy(&half, bytes, sizeof(half));
  return half_to_float(half);
}

const std::uint8_t* as_bytes(const char* blocks) {
  return reinterpret_cast<const std::uint8_t*>(blocks);
}

struct GroupScales {
  float scale[kGroups], minimum[kGroups];
};

// Groups 0 to 3 have their scales in the low six bits of bytes 0 to 3 and their minima in those of
// bytes 4 to 7. Groups 4 to 7 have the upper two bits of either above these, and the lower four in
// bytes 8 to 11: scales low, minima high.
GroupScales unpack_scales(const std::uint8_t* block) {
  const float d = load_half(block);
  const float m = load_half(block + 2);
  const std::uint8_t* packed = block + 4;
  GroupScales groups;
  for (int i = 0; i < 4; ++i) {
    const int late_scale = (packed[8 + i] & 0x0f) | (packed[i] >> 6 << 4);
    const int late_minimum = (packed[8 + i] >> 4) | (packed[4 + i] >> 6 << 4);
    groups.scale[i] = d * static_cast<float>(packed[i] & 0x3f);
    groups.minimum[i] = m * static_cast<float>(packed[4 + i] & 0x3f);
    groups.scale[4 + i] = d * static_cast<float>(late_scale);
    groups.minimum[4 + i] = m * static_cast<float>(late_minimum);
  }
  return groups;
}

}  // namespace

void dequantise_q4_k(const char* blocks, std::int64_t count, float* out) {
  for (; count > 0; --count, blocks += 144) {
    const GroupScales groups = unpack_scales(as_bytes(blocks));
    for (int g = 0; g < kGroups; ++g, out += kGroup) {
      const std::uint8_t* low = as_bytes(blocks) + 16 + g / 2 * kGroup;
      const int shift = g % 2 * 4;
      const float scale = groups.scale[g];
      const float minimum = groups.minimum[g];
      for (int i = 0; i < kGroup; ++i) {
        out[i] = scale * static_cast<float>(low[i] >> shift & 0x0f) - minimum;
      }
    }
  }
}

void dequantise_q5_k(const char* blocks, std::int64_t count, float* out) {
  for (; count > 0; --count, blocks += 176) {
    const GroupScales groups = unpack_scales(as_bytes(blocks));
    const std::uint8_t* high = as_bytes(blocks) + 16;
    for (int g = 0; g < kGroups; ++g, out += kGroup) {
      const std::uint8_t* low = as_bytes(blocks) + 48 + g / 2 * kGroup;
      const int shift = g % 2 * 4;
      const float scale = groups.scale[g];
      const float minimum = groups.minimum[g];
      for (int i = 0; i < kGroup; ++i) {
        const int quant = (low[i] >> shift & 0x0f) | (high[i] >> g & 1) << 4;
        out[i] = scale * static_cast<float>(quant) - minimum;
      }
    }
  }
}

void dequantise_q6_k(const char* blocks, std::int64_t count, float* out) {
  std::int32_t quants[kGroup];
  for (; count > 0; --count, blocks += 210) {
    const std::uint8_t* bytes = as_bytes(blocks);
    const float d = load_half(bytes + 208);
    for (int run = 0; run < kSuperBlock / kGroup; ++run, out += kGroup) {
      const int half = run / 4;
      const int part = run % 4;
      const std::uint8_t* low = bytes + half * 2 * kGroup + part % 2 * kGroup;
      const std::uint8_t* high = bytes + 128 + half * kGroup;
      const int low_shift = part / 2 * 4;
      const int high_shift = part * 2;
      for (int i = 0; i < kGroup; ++i) {
        quants[i] = ((low[i] >> low_shift & 0x0f) | (high[i] >> high_shift & 3) << 4) - 32;
      }
      for (int group = 0; group < 2; ++group) {
        const auto s = static_cast<std::int8_t>(bytes[192 + 2 * run + group]);
        const float scale = d * static_cast<float>(s);
        for (int i = 16 * group; i < 16 * group + 16; ++i) {
          out[i] = scale * static_cast<float>(quants[i]);
        }
      }
    }
  }
}

}  // namespace pressroom
