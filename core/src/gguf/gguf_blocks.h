// The element types of GGUF tensors: how they lie in blocks and what they stand for.
//
//   gguf_block_elements(kGgufQ4_1);                   // 32
//   gguf_block_bytes(kGgufQ4_1);                      // 20
//   dequantise(kGgufQ4_1, bytes, 64, buffer);         // 40 bytes in, 64 floats out
//
// Every product of a scale and a quant is exact in float32 and rounded at most once, when an offset
// is added to it; so the floats are the same on every machine, fused multiplication or not.
#pragma once

#include <cstdint>
#include <string>

#include "gguf/gguf_file.h"

namespace pressroom {

// The ones that can be read, as the format numbers them.
// NOLINTBEGIN(readability-identifier-naming): the format's own names.
enum GgufType : std::uint32_t {
  kGgufF32 = 0,
  kGgufF16 = 1,
  kGgufQ4_0 = 2,
  kGgufQ4_1 = 3,
  kGgufQ5_0 = 6,
  kGgufQ5_1 = 7,
  kGgufQ8_0 = 8,
  kGgufQ4_K = 12,
  kGgufQ5_K = 13,
  kGgufQ6_K = 14,
  kGgufBf16 = 30,
};
// NOLINTEND(readability-identifier-naming)

// Of one block of `type`; 0 when it cannot be read.
std::int64_t gguf_block_elements(std::uint32_t type);
std::int64_t gguf_block_bytes(std::uint32_t type);

// "Q4_K", also for types that cannot be read; "type 99" for one that is not known.
std::string gguf_type_name(std::uint32_t type);

// "F32, F16, BF16, Q4_0, ...": the ones that can be read.
std::string gguf_readable_types();

// What `elements` elements of a type that can be read stand for, a whole number of blocks at
// `blocks`, which need not be aligned.
void dequantise(std::uint32_t type, const char* blocks, std::int64_t elements, float* out);

// Elements `first` .. `first` + `count` - 1 of `tensor`, whose type can be read, in the order in
// which they lie; neither end needs to be that of a block.
void dequantise_part(const GgufTensor& tensor, std::int64_t first, std::int64_t count, float* out);

}  // namespace pressroom
