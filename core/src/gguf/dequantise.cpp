#include "gguf/dequantise.h"

#include <cstddef>
#include <cstring>

#include "weights/widen.h"

namespace pressroom {
namespace {

constexpr int kBlockElements = 32;
constexpr int kHalf = kBlockElements / 2;

float load_half(const void* bytes) {
  std::uint16_t half = 0;
  std::memcpy(&half, bytes, sizeof(half));
  return half_to_float(half);
}

// The low four bits of every quant.
void unpack_nibbles(const char* bytes, std::int32_t* quants) {
  for (int i = 0; i < kHalf; ++i) {
    const auto pair = static_cast<std::uint8_t>(bytes[i]);
    quants[i] = pair & 0x0f;
    quants[i + kHalf] = pair >> 4;
  }
}

void add_fifth_bits(const char* bytes, std::int32_t* quants) {
  std::uint32_t word = 0;
  std::memcpy(&word, bytes, sizeof(word));
  for (int i = 0; i < kBlockElements; ++i) {
    quants[i] |= static_cast<std::int32_t>(word >> i & 1U) << 4;
  }
}

void scale(const std::int32_t* quants, float d, std::int32_t zero, float* out) {
  for (int i = 0; i < kBlockElements; ++i) out[i] = d * static_cast<float>(quants[i] - zero);
}

void scale_and_shift(const std::int32_t* quants, float d, float m, float* out) {
  for (int i = 0; i < kBlockElements; ++i) out[i] = d * static_cast<float>(quants[i]) + m;
}

}  // namespace

void dequantise_q4_0(const char* blocks, std::int64_t count, float* out) {
  std::int32_t quants[kBlockElements];
  for (; count > 0; --count, blocks += 18, out += kBlockElements) {
    unpack_nibbles(blocks + 2, quants);
    scale(quants, load_half(blocks), 8, out);
  }
}

void dequantise_q4_1(const char* blocks, std::int64_t count, float* out) {
  std::int32_t quants[kBlockElements];
  for (; count > 0; --count, blocks += 20, out += kBlockElements) {
    unpack_nibbles(blocks + 4, quants);
    scale_and_shift(quants, load_half(blocks), load_half(blocks + 2), out);
  }
}

void dequantise_q5_0(const char* blocks, std::int64_t count, float* out) {
  std::int32_t quants[kBlockElements];
  for (; count > 0; --count, blocks += 22, out += kBlockElements) {
    unpack_nibbles(blocks + 6, quants);
    add_fifth_bits(blocks + 2, quants);
    scale(quants, load_half(blocks), 16, out);
  }
}

void dequantise_q5_1(const char* blocks, std::int64_t count, float* out) {
  std::int32_t quants[kBlockElements];
  for (; count > 0; --count, blocks += 24, out += kBlockElements) {
    unpack_nibbles(blocks + 8, quants);
    add_fifth_bits(blocks + 4, quants);
    scale_and_shift(quants, load_half(blocks), load_half(blocks + 2), out);
  }
}

void dequantise_q8_0(const char* blocks, std::int64_t count, float* out) {
  for (; count > 0; --count, blocks += 34, out += kBlockElements) {
    const float d = load_half(blocks);
    for (int i = 0; i < kBlockElements; ++i) {
      out[i] = d * static_cast<float>(static_cast<std::int8_t>(blocks[2 + i]));
    }
  }
}

namespace {

constexpr int kSuperBlock = 256;
constexpr std::ptrdiff_t kGroup = 32;
constexpr int kGroups = 8;

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

// Of Q4_K and Q5_K: scales; one bit of every quant, the fifth, in Q5_K alone; the four below it.
template <bool kHasFifthBits>
void dequantise_groups(const char* blocks, std::int64_t count, float* out) {
  constexpr std::ptrdiff_t kHigh = 16;
  constexpr std::ptrdiff_t kLow = kHigh + (kHasFifthBits ? kSuperBlock / 8 : 0);
  constexpr std::ptrdiff_t kBytes = kLow + kSuperBlock / 2;
  for (; count > 0; --count, blocks += kBytes) {
    const GroupScales groups = unpack_scales(as_bytes(blocks));
    const std::uint8_t* high = as_bytes(blocks) + kHigh;
    for (int g = 0; g < kGroups; ++g, out += kGroup) {
      const std::uint8_t* low = as_bytes(blocks) + kLow + g / 2 * kGroup;
      const int shift = g % 2 * 4;
      const float scale = groups.scale[g];
      const float minimum = groups.minimum[g];
      for (int i = 0; i < kGroup; ++i) {
        int quant = low[i] >> shift & 0x0f;
        if constexpr (kHasFifthBits) quant |= (high[i] >> g & 1) << 4;
        out[i] = scale * static_cast<float>(quant) - minimum;
      }
    }
  }
}

}  // namespace

void dequantise_q4_k(const char* blocks, std::int64_t count, float* out) {
  dequantise_groups<false>(blocks, count, out);
}

void dequantise_q5_k(const char* blocks, std::int64_t count, float* out) {
  dequantise_groups<true>(blocks, count, out);
}

void dequantise_q6_k(const char* blocks, std::int64_t count, float* out) {
  std::int32_t quants[kGroup];
  for (; count > 0; --count, blocks += 210) {
    const std::uint8_t* bytes = as_bytes(blocks);
    const float d = load_half(bytes + 208);
    for (int run = 0; run < kSuperBlock / kGroup; ++run, out += kGroup) {
      const int half = run / 4;
      const int part = run % 4;
      const std::uint8_t* low = bytes + (half * 2 + part % 2) * kGroup;
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
