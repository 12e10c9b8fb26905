#include "gguf/small_blocks.h"

#include <cstring>

#include "weights/widen.h"

namespace pressroom {
namespace {

constexpr int kBlockElements = 32;
constexpr int kHalf = kBlockElements / 2;

float load_half(const char* bytes) {
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

}  // namespace pressroom
