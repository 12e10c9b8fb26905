#include "engine/cache/stored_rows.h"

#include <c10/util/BFloat16.h>
#include <c10/util/Half.h>

#include <algorithm>
#include <cmath>
#include <cstring>

namespace pressroom {
namespace {

// Rows of odd width lie at odd addresses.
template <typename T>
T read_at(const std::byte* at) {
  T value;
  std::memcpy(&value, at, sizeof(T));
  return value;
}

template <typename T>
void write_at(std::byte* at, T value) {
  std::memcpy(at, &value, sizeof(T));
}

template <typename Narrow>
void store_narrow(const float* vector, std::int64_t channels, std::byte* out) {
  for (std::int64_t c = 0; c < channels; ++c) write_at(out + 2 * c, Narrow(vector[c]));
}

template <typename Narrow>
void widen_narrow(const std::byte* row, std::int64_t channels, float* out) {
  for (std::int64_t c = 0; c < channels; ++c) {
    out[c] = static_cast<float>(read_at<Narrow>(row + 2 * c));
  }
}

constexpr float kMostSteps = 127;

// The float16 nearest to `largest` over 127. Below the normal numbers, where it may be much smaller
// than that, the next one: 127 of it reach what is largest, and nothing is cut.
c10::Half scale_for(float largest) {
  constexpr float kLargestHalf = 65504;
  constexpr float kLeastNormalHalf = 6.103515625e-5F;
  c10::Half scale(std::min(largest / kMostSteps, kLargestHalf));
  const auto by = static_cast<float>(scale);
  if (by < kLeastNormalHalf && kMostSteps * by < largest) ++scale.x;
  return scale;
}

// The integers of a row lie before its scales.
void store_q8(const float* vector, std::int64_t channels, std::byte* out) {
  for (std::int64_t first = 0; first < channels; first += kScaledChannels) {
    const std::int64_t end = std::min(first + kScaledChannels, channels);
    float largest = 0;
    bool is_finite = true;
    for (std::int64_t c = first; c < end; ++c) {
      largest = std::max(largest, std::abs(vector[c]));
      is_finite = is_finite && std::isfinite(vector[c]);
    }
    // No integer says NaN; a scale does, and what looks for NaN further on finds it.
    const c10::Half scale = is_finite ? scale_for(largest) : c10::Half(std::nanf(""));
    write_at(out + channels + 2 * (first / kScaledChannels), scale);
    const auto by = static_cast<float>(scale);
    for (std::int64_t c = first; c < end; ++c) {
      const float steps = by > 0 ? std::nearbyint(vector[c] / by) : 0.0F;
      write_at(out + c, static_cast<std::int8_t>(std::clamp(steps, -kMostSteps, kMostSteps)));
    }
  }
}

void widen_q8(const std::byte* row, std::int64_t channels, float* out) {
  for (std::int64_t first = 0; first < channels; first += kScaledChannels) {
    const std::int64_t end = std::min(first + kScaledChannels, channels);
    const auto scale =
        static_cast<float>(read_at<c10::Half>(row + channels + 2 * (first / kScaledChannels)));
    for (std::int64_t c = first; c < end; ++c) {
      out[c] = static_cast<float>(read_at<std::int8_t>(row + c)) * scale;
    }
  }
}

void widen_vector(const StoredRows& rows, const std::byte* row, float* out) {
  switch (rows.dtype) {
    case KvDtype::kFloat32:
      std::memcpy(out, row, static_cast<std::size_t>(4 * rows.channels));
      return;
    case KvDtype::kBfloat16:
      return widen_narrow<c10::BFloat16>(row, rows.channels, out);
    case KvDtype::kFloat16:
      return widen_narrow<c10::Half>(row, rows.channels, out);
    case KvDtype::kQ8:
      return widen_q8(row, rows.channels, out);
  }
}

}  // namespace

StoredRows float_rows(const float* data, std::int64_t channels, std::int64_t stride) {
  return {reinterpret_cast<const std::byte*>(data), KvDtype::kFloat32, channels, 4 * stride};
}

void store_vector(KvDtype dtype, const float* vector, std::int64_t channels, std::byte* out) {
  switch (dtype) {
    case KvDtype::kFloat32:
      std::memcpy(out, vector, static_cast<std::size_t>(4 * channels));
      return;
    case KvDtype::kBfloat16:
      return store_narrow<c10::BFloat16>(vector, channels, out);
    case KvDtype::kFloat16:
      return store_narrow<c10::Half>(vector, channels, out);
    case KvDtype::kQ8:
      return store_q8(vector, channels, out);
  }
}

void round_vector(KvDtype dtype, float* vector, std::int64_t channels) {
  if (dtype == KvDtype::kFloat32) return;
  std::byte stored[2 * kScaledChannels];
  // Scaled channels are no matter of their neighbours, so a piece rounds as the whole does.
  for (std::int64_t first = 0; first < channels; first += kScaledChannels) {
    const std::int64_t count = std::min(kScaledChannels, channels - first);
    store_vector(dtype, vector + first, count, stored);
    widen_rows({stored, dtype, count, stored_bytes(dtype, count)}, 1, vector + first, count);
  }
}

void widen_rows(const StoredRows& rows, std::int64_t count, float* out, std::int64_t stride) {
  for (std::int64_t j = 0; j < count; ++j) widen_vector(rows, rows.row(j), out + j * stride);
}

}  // namespace pressroom
