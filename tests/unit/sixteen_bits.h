// All numbers of 16 bits, and what they are in float32.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

namespace pressroom {

inline std::vector<std::uint16_t> all_of_16_bits() {
  std::vector<std::uint16_t> all;
  for (std::uint32_t bits = 0; bits < 65536; ++bits)
    all.push_back(static_cast<std::uint16_t>(bits));
  return all;
}

// By the format: a sign, `exponent_bits` of the exponent and the rest of the fraction.
inline float value_of_16_bits(std::uint16_t bits, int exponent_bits) {
  const int fraction_bits = 15 - exponent_bits;
  const int most = (1 << exponent_bits) - 1;
  const int bias = most / 2;
  const int exponent = (bits >> fraction_bits) & most;
  const int fraction = bits & ((1 << fraction_bits) - 1);
  const double sign = (bits >> 15) != 0 ? -1 : 1;
  if (exponent == most) {
    return fraction != 0 ? std::nanf("") : static_cast<float>(sign * HUGE_VAL);
  }
  const double whole = exponent > 0 ? std::ldexp(1, fraction_bits) + fraction : fraction;
  return static_cast<float>(
      sign * std::ldexp(whole, (exponent > 0 ? exponent : 1) - bias - fraction_bits));
}

inline float value_of_float16(std::uint16_t bits) { return value_of_16_bits(bits, 5); }
inline float value_of_bfloat16(std::uint16_t bits) { return value_of_16_bits(bits, 8); }

// Equal numbers, zeros of one sign, or two NaNs.
inline bool is_same_number(float a, float b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b && std::signbit(a) == std::signbit(b);
}

}  // namespace pressroom
