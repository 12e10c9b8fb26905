#include "trace/score_bits.h"

#include <c10/util/BFloat16.h>

#include <cmath>

namespace pressroom {
namespace {

constexpr std::uint16_t kSign = 0x8000;
constexpr std::uint16_t kNan = 0x7fc0;

}  // namespace

std::uint16_t ordered_score(float score) {
  const int bits = std::isnan(score) ? kNan : c10::detail::round_to_nearest_even(score);
  return static_cast<std::uint16_t>((bits & kSign) != 0 ? ~bits : bits | kSign);
}

float score_of_ordered(std::uint16_t ordered) {
  const int bits = (ordered & kSign) != 0 ? ordered & ~kSign : ~ordered;
  return c10::detail::f32_from_bits(static_cast<std::uint16_t>(bits));
}

std::uint16_t change_of_score(std::uint16_t from, std::uint16_t to) {
  // Of the lowest 16 bits the highest is the sign.
  const int difference = to - from;
  const int sign = (difference & kSign) != 0 ? 0xffff : 0;
  return static_cast<std::uint16_t>(2 * difference ^ sign);
}

std::uint16_t changed_score(std::uint16_t from, std::uint16_t change) {
  const int sign = (change & 1) != 0 ? 0xffff : 0;
  return static_cast<std::uint16_t>(from + ((change >> 1) ^ sign));
}

}  // namespace pressroom
