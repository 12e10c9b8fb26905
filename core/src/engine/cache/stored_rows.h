// Vectors in the dtype that a cache holds them in (protocol/kv_dtype.h): how they are rounded, and
// rows of them as they lie.
//
//   store_vector(KvDtype::kQ8, key, 64, at);           // rounded here and nowhere else
//   widen_rows({at, KvDtype::kQ8, 64, 68}, 1, out, 64);
//
// Rounding is to the nearest, of two equally near to the even one. Under q8 each kScaledChannels
// channels, and what is left at the end, share a scale: their largest magnitude over 127, rounded
// to float16, or up to it below float16's normal numbers; a channel is the nearest multiple of it
// in -127 .. 127. So a channel is off by at most half the scale, and its number is exact in
// float32. Where the largest magnitude is below 0.0078 the scale has fewer than 11 bits, and below
// 3e-8 all become 0; above 8.3 million it is clipped, and where one is not finite all become NaN.
#pragma once

#include <cstddef>
#include <cstdint>

#include "protocol/kv_dtype.h"

namespace pressroom {

// Rows as they are stored. Borrowed.
struct StoredRows {
  const std::byte* data = nullptr;
  KvDtype dtype = KvDtype::kFloat32;
  std::int64_t channels = 0;
  std::int64_t row_bytes = 0;  // from one row to the next

  const std::byte* row(std::int64_t j) const { return data + j * row_bytes; }
  // The rows from `first` on.
  StoredRows from(std::int64_t first) const { return {row(first), dtype, channels, row_bytes}; }
  // The numbers themselves, [rows,channels] without gaps: only where they are held as float32.
  const float* floats() const { return reinterpret_cast<const float*>(data); }
};

// Rows of `channels` floats, each `stride` floats after the last.
StoredRows float_rows(const float* data, std::int64_t channels, std::int64_t stride);

// Rounds one vector and writes it as stored, stored_bytes(dtype, channels) bytes.
void store_vector(KvDtype dtype, const float* vector, std::int64_t channels, std::byte* out);

// Replaces a vector by what would be read of it once stored.
void round_vector(KvDtype dtype, float* vector, std::int64_t channels);

// The first `count` rows as float32, into rows of `stride` floats, whose floats behind the channels
// are left as they are.
void widen_rows(const StoredRows& rows, std::int64_t count, float* out, std::int64_t stride);

}  // namespace pressroom
