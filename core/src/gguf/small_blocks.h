// Blocks of 32 elements that share a scale d and perhaps an offset m, both binary16, each followed
// by the quants q. A block of four-bit quants has those of elements 0 to 15 in the low halves of
// its 16 bytes and those of 16 to 31 in the high halves; a fifth bit comes from a word of 32 bits,
// one for each element.
//
//   Q4_0   d, 16 bytes             d (q - 8)
//   Q4_1   d, m, 16 bytes          d q + m
//   Q5_0   d, word, 16 bytes       d (q - 16)
//   Q5_1   d, m, word, 16 bytes    d q + m
//   Q8_0   d, 32 signed bytes      d q
#pragma once

#include <cstdint>

namespace pressroom {

// Each reads `count` blocks, at any alignment, and writes 32 * `count` floats.
void dequantise_q4_0(const char* blocks, std::int64_t count, float* out);
void dequantise_q4_1(const char* blocks, std::int64_t count, float* out);
void dequantise_q5_0(const char* blocks, std::int64_t count, float* out);
void dequantise_q5_1(const char* blocks, std::int64_t count, float* out);
void dequantise_q8_0(const char* blocks, std::int64_t count, float* out);

}  // namespace pressroom
