// Sixteen-bit floats as they lie in files, widened to float32: exact for every value.
//
//   widen_bfloat16(bytes.data(), 64, buffer);   // 128 bytes in, 64 floats out
//
// Neither end of the copy needs to be aligned. Bytes are little endian, as in both file formats.
#pragma once

#include <cstdint>
#include <cstring>

namespace pressroom {

// IEEE 754 binary16: 1 sign, 5 exponent (bias 15) and 10 fraction bits.
void widen_half(const char* bytes, std::int64_t count, float* out);

// The upper half of a float32.
void widen_bfloat16(const char* bytes, std::int64_t count, float* out);

// One binary16.
inline float half_to_float(std::uint16_t half) {
  const std::uint32_t magnitude = half & 0x7fffU;
  // Re-biased; what has the largest exponent, infinity and NaN, keeps the largest.
  std::uint32_t bits = (magnitude << 13) + ((magnitude < 0x7c00U ? 112U : 224U) << 23);
  // Below 2^-14 the fraction counts steps of 2^-24.
  const float subnormal = static_cast<float>(static_cast<std::int32_t>(magnitude)) * 0x1p-24F;
  std::uint32_t subnormal_bits = 0;
  std::memcpy(&subnormal_bits, &subnormal, sizeof(subnormal));
  bits = magnitude < 0x0400U ? subnormal_bits : bits;
  bits |= static_cast<std::uint32_t>(half & 0x8000U) << 16;
  float value = 0;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

}  // namespace pressroom
