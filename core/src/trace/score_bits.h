// Scores in two bytes: bfloat16, 8 significant bits over the range of float, written as the
// difference from the score before.
//
//   const std::uint16_t bits = ordered_score(0.3F);
//   score_of_ordered(bits);                        // 0.30078125
#pragma once

#include <cstdint>

namespace pressroom {

// The nearest bfloat16, ties to even, as a number that is larger where the score is: of a negative
// score all bits are flipped, of another the sign bit is set. All NaN are one.
std::uint16_t ordered_score(float score);
float score_of_ordered(std::uint16_t ordered);

// `to` - `from` modulo 2^16 with 0, -1, 1, -2, 2 ... as 0, 1, 2, 3, 4 ..., and back to `to`.
std::uint16_t change_of_score(std::uint16_t from, std::uint16_t to);
std::uint16_t changed_score(std::uint16_t from, std::uint16_t change);

}  // namespace pressroom
