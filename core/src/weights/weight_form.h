// How the numbers of a weight lie, in a file and in memory: one by one, or quantised in blocks.
//
//   row_bytes(WeightForm::kQ4_1, 576);      // 360: 18 blocks of 20 bytes
//   to_string(WeightForm::kQ4_K);           // "Q4_K"
//
// Blocks are those of GGUF files; what they stand for is in gguf/dequantise.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace pressroom {

// NOLINTBEGIN(readability-identifier-naming): the formats' own names.
enum class WeightForm { kFloat32, kBfloat16, kFloat16, kQ8_0, kQ4_0, kQ4_1, kQ4_K, kQ6_K };
// NOLINTEND(readability-identifier-naming)

// "F32", "BF16", "F16", "Q8_0", ..., as files name them.
const char* to_string(WeightForm form);

// The form that files name so, if it is one of these.
std::optional<WeightForm> weight_form_named(const std::string& name);

// "F32, BF16, F16, Q8_0, ...": all of them, for messages.
std::string weight_form_names();

// Elements of a block and the bytes that it takes: 1 and 4 of float32, 32 and 20 of Q4_1.
std::int64_t block_elements(WeightForm form);
std::int64_t block_bytes(WeightForm form);

inline bool is_in_blocks(WeightForm form) { return block_elements(form) > 1; }

// Of a row of `in` elements, a whole number of blocks.
inline std::int64_t row_bytes(WeightForm form, std::int64_t in) {
  return in / block_elements(form) * block_bytes(form);
}

}  // namespace pressroom
