// What the blocks of quantised GGUF tensors stand for, as floats. d and m are binary16.
//
// Small blocks, of 32 elements, share a scale d and perhaps an offset m, each followed by the
// quants q. A block of four-bit quants has those of elements 0 to 15 in the low halves of its 16
// bytes and those of 16 to 31 in the high halves; a fifth bit comes from a word of 32 bits, one for
// each element.
//
//   Q4_0   d, 16 bytes             d (q - 8)
//   Q4_1   d, m, 16 bytes          d q + m
//   Q5_0   d, word, 16 bytes       d (q - 16)
//   Q5_1   d, m, word, 16 bytes    d q + m
//   Q8_0   d, 32 signed bytes      d q
//
// K blocks, of 256 elements, are in groups whose scales are quantised themselves.
//
//   Q4_K   d, m, 12 bytes, 128 bytes             8 groups of 32:   (d s) q - (m t)
//   Q5_K   d, m, 12 bytes, 32 bytes, 128 bytes   8 groups of 32:   (d s) q - (m t)
//   Q6_K   128 bytes, 64 bytes, 16 bytes, d      16 groups of 16:  (d s) (q - 32)
//
// In the first two, 12 bytes hold a scale s and a minimum t of six bits for each group, and each 32
// of the 128 bytes hold the low four bits of two groups, the first in the low halves; byte i of the
// 32 has the fifth bits of element i of every group, that of group g at bit g. In the last, scales
// are signed bytes; the elements come in two halves of 128, each of them four runs of 32 with their
// low four bits in 64 bytes (runs 0 and 1 low, 2 and 3 high) and the upper two in 32 (run r at bit
// 2r).
#pragma once

#include <cstdint>

namespace pressroom {

// Each reads `count` blocks, at any alignment, and writes 32 * `count` floats.
void dequantise_q4_0(const char* blocks, std::int64_t count, float* out);
void dequantise_q4_1(const char* blocks, std::int64_t count, float* out);
void dequantise_q5_0(const char* blocks, std::int64_t count, float* out);
void dequantise_q5_1(const char* blocks, std::int64_t count, float* out);
void dequantise_q8_0(const char* blocks, std::int64_t count, float* out);

// Each reads `count` blocks, at any alignment, and writes 256 * `count` floats.
void dequantise_q4_k(const char* blocks, std::int64_t count, float* out);
void dequantise_q5_k(const char* blocks, std::int64_t count, float* out);
void dequantise_q6_k(const char* blocks, std::int64_t count, float* out);

}  // namespace pressroom
