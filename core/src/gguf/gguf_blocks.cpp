#include "gguf/gguf_blocks.h"

#include <algorithm>
#include <cstring>

#include "gguf/dequantise.h"
#include "pressroom/error.h"
#include "weights/widen.h"

namespace pressroom {
namespace {

struct ReadableType {
  std::uint32_t type;
  std::int64_t elements, bytes;
  // Dequantises so many blocks.
  void (*dequantise)(const char* blocks, std::int64_t count, float* out);
};

void copy_floats(const char* bytes, std::int64_t count, float* out) {
  if (count > 0) std::memcpy(out, bytes, static_cast<std::size_t>(count) * sizeof(float));
}

constexpr ReadableType kReadable[] = {
    {kGgufF32, 1, 4, copy_floats},          {kGgufF16, 1, 2, widen_half},
    {kGgufBf16, 1, 2, widen_bfloat16},      {kGgufQ4_0, 32, 18, dequantise_q4_0},
    {kGgufQ4_1, 32, 20, dequantise_q4_1},   {kGgufQ5_0, 32, 22, dequantise_q5_0},
    {kGgufQ5_1, 32, 24, dequantise_q5_1},   {kGgufQ8_0, 32, 34, dequantise_q8_0},
    {kGgufQ4_K, 256, 144, dequantise_q4_k}, {kGgufQ5_K, 256, 176, dequantise_q5_k},
    {kGgufQ6_K, 256, 210, dequantise_q6_k},
};

const ReadableType* readable(std::uint32_t type) {
  for (const ReadableType& one : kReadable) {
    if (one.type == type) return &one;
  }
  return nullptr;
}

}  // namespace

std::int64_t gguf_block_elements(std::uint32_t type) {
  const ReadableType* found = readable(type);
  return found == nullptr ? 0 : found->elements;
}

std::int64_t gguf_block_bytes(std::uint32_t type) {
  const ReadableType* found = readable(type);
  return found == nullptr ? 0 : found->bytes;
}

std::string gguf_type_name(std::uint32_t type) {
  // Empty: numbers that were given up.
  constexpr const char* kNames[] = {
      "F32",     "F16",    "Q4_0",    "Q4_1",  "",       "",      "Q5_0",  "Q5_1",
      "Q8_0",    "Q8_1",   "Q2_K",    "Q3_K",  "Q4_K",   "Q5_K",  "Q6_K",  "Q8_K",
      "IQ2_XXS", "IQ2_XS", "IQ3_XXS", "IQ1_S", "IQ4_NL", "IQ3_S", "IQ2_S", "IQ4_XS",
      "I8",      "I16",    "I32",     "I64",   "F64",    "IQ1_M", "BF16",  "",
      "",        "",       "TQ1_0",   "TQ2_0", "",       "",      "",      "MXFP4"};
  const bool named = type < std::size(kNames) && kNames[type][0] != '\0';
  return named ? kNames[type] : "type " + std::to_string(type);
}

std::string gguf_readable_types() {
  std::string names;
  for (const ReadableType& one : kReadable) {
    names += (names.empty() ? "" : ", ") + gguf_type_name(one.type);
  }
  return names;
}

void dequantise(std::uint32_t type, const char* blocks, std::int64_t elements, float* out) {
  const ReadableType* found = readable(type);
  PRESSROOM_ASSERT(found != nullptr && elements % found->elements == 0);
  found->dequantise(blocks, elements / found->elements, out);
}

void dequantise_part(const GgufTensor& tensor, std::int64_t first, std::int64_t count, float* out) {
  const std::int64_t block = gguf_block_elements(tensor.type);
  const std::int64_t bytes = gguf_block_bytes(tensor.type);
  PRESSROOM_ASSERT(block > 0);
  const std::int64_t last = first + count;
  while (first < last) {
    const char* at = tensor.bytes.data() + first / block * bytes;
    const std::int64_t inside = first % block;
    // A block can only be undone whole: where a part of it is asked for, by way of a copy.
    const std::int64_t whole = inside == 0 ? (last - first) / block * block : 0;
    if (whole > 0) {
      dequantise(tensor.type, at, whole, out);
      first += whole;
      out += whole;
      continue;
    }
    // Elements of the largest blocks.
    float values[256];
    const std::int64_t used = std::min(block - inside, last - first);
    dequantise(tensor.type, at, block, values);
    std::copy_n(values + inside, used, out);
    first += used;
    out += used;
  }
}

}  // namespace pressroom
