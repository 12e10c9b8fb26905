// Rows of quantised blocks for tests: any bits as quants, and scales of every sign.
//
//   const std::string bytes = some_blocks(WeightForm::kQ4_K, 6, 1);    // 6 blocks, stream 1
//   const std::vector<float> values = plain_values(WeightForm::kQ4_K, bytes);    // 1536 of them
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "gguf/gguf_blocks.h"
#include "pressroom/random.h"
#include "weights/weight_form.h"

namespace pressroom {

inline const std::vector<WeightForm>& block_forms() {
  static const std::vector<WeightForm> kForms = {WeightForm::kQ8_0, WeightForm::kQ4_0,
                                                 WeightForm::kQ4_1, WeightForm::kQ4_K,
                                                 WeightForm::kQ6_K};
  return kForms;
}

inline std::uint32_t gguf_type_of(WeightForm form) {
  switch (form) {
    case WeightForm::kFloat32:
      return kGgufF32;
    case WeightForm::kBfloat16:
      return kGgufBf16;
    case WeightForm::kFloat16:
      return kGgufF16;
    case WeightForm::kQ8_0:
      return kGgufQ8_0;
    case WeightForm::kQ4_0:
      return kGgufQ4_0;
    case WeightForm::kQ4_1:
      return kGgufQ4_1;
    case WeightForm::kQ4_K:
      return kGgufQ4_K;
    default:
      return kGgufQ6_K;
  }
}

// `count` blocks. Every binary16 in them is a number below 0.02 in size: positive, negative, one in
// eight of them zero, one in eight too small to be normal.
inline std::string some_blocks(WeightForm form, std::int64_t count, int stream) {
  const auto bytes = static_cast<std::size_t>(block_bytes(form));
  std::string blocks;
  const RandomKey key = RandomKey(17).with(stream);
  for (std::int64_t b = 0; b < count; ++b) {
    std::string block(bytes, '\0');
    for (std::size_t i = 0; i < bytes; ++i) {
      const double uniform = key.with(b).with(static_cast<std::int64_t>(i)).uniform();
      block[i] = static_cast<char>(static_cast<int>(uniform * 256));
    }
    const auto put_half = [&](std::size_t at) {
      std::uint16_t half = 0;
      std::memcpy(&half, &block[at], sizeof(half));
      const int kind = half >> 10 & 7;
      half &= kind == 0 ? 0x8000 : kind == 1 ? 0x83ff : 0xa3ff;
      std::memcpy(&block[at], &half, sizeof(half));
    };
    put_half(form == WeightForm::kQ6_K ? 208 : 0);
    if (form == WeightForm::kQ4_1 || form == WeightForm::kQ4_K) put_half(2);
    blocks += block;
  }
  return blocks;
}

// What the bytes of rows stand for, by the plain code of gguf/, which is held to the figures of the
// format's own package.
inline std::vector<float> plain_values(WeightForm form, const std::string& bytes) {
  const std::int64_t count =
      static_cast<std::int64_t>(bytes.size()) / block_bytes(form) * block_elements(form);
  std::vector<float> values(static_cast<std::size_t>(count));
  dequantise(gguf_type_of(form), bytes.data(), count, values.data());
  return values;
}

}  // namespace pressroom
