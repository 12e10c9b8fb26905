#include "weights/widen.h"

namespace pressroom {
namespace {

std::uint16_t load(const char* bytes, std::int64_t index) {
  std::uint16_t word = 0;
  std::memcpy(&word, bytes + 2 * index, sizeof(word));
  return word;
}

}  // namespace

void widen_half(const char* bytes, std::int64_t count, float* out) {
  for (std::int64_t i = 0; i < count; ++i) out[i] = half_to_float(load(bytes, i));
}

void widen_bfloat16(const char* bytes, std::int64_t count, float* out) {
  for (std::int64_t i = 0; i < count; ++i) {
    const std::uint32_t bits = static_cast<std::uint32_t>(load(bytes, i)) << 16;
    std::memcpy(out + i, &bits, sizeof(bits));
  }
}

}  // namespace pressroom
