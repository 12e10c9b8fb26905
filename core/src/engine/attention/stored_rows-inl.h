// Rows as a cache stores them (engine/cache/stored_rows.h), read a vector at a time as float32:
// what widen_rows makes of them, bit for bit. Included by a source that Highway compiles once for
// each instruction set, after Highway's own headers.
//
//   const Vector key = Q8Rows::Load(keys.row(j), c, keys.channels);   // channels c and on

// NOLINTBEGIN(readability-identifier-naming): named as Highway names such functions.
// Compiled once for each instruction set: no guard against a second time, but one for each.
#if defined(PRESSROOM_STORED_ROWS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PRESSROOM_STORED_ROWS_INL_H
#undef PRESSROOM_STORED_ROWS_INL_H
#else
#define PRESSROOM_STORED_ROWS_INL_H
#endif

#include <cstddef>
#include <cstring>

#include "engine/attention/attention_kernels.h"
#include "model/sixteen_bits-inl.h"

HWY_BEFORE_NAMESPACE();
namespace pressroom {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kVectorPadding>;
using Vector = hn::Vec<Tag>;

struct Float32Rows {
  static HWY_INLINE Vector Load(const std::byte* row, std::int64_t c, std::int64_t) {
    return hn::LoadU(Tag(), reinterpret_cast<const float*>(row) + c);
  }
};

using Bits = hn::Rebind<std::uint16_t, Tag>;

HWY_INLINE hn::Vec<Bits> LoadBits(const std::byte* row, std::int64_t c) {
  return hn::LoadU(Bits(), reinterpret_cast<const std::uint16_t*>(row + 2 * c));
}

struct Bfloat16Rows {
  static HWY_INLINE Vector Load(const std::byte* row, std::int64_t c, std::int64_t) {
    return WidenBfloat16(Tag(), LoadBits(row, c));
  }
};

struct Float16Rows {
  static HWY_INLINE Vector Load(const std::byte* row, std::int64_t c, std::int64_t) {
    return WidenFloat16(Tag(), LoadBits(row, c));
  }
};

struct Q8Rows {
  static HWY_INLINE Vector Load(const std::byte* row, std::int64_t c, std::int64_t channels) {
    const hn::Rebind<std::int8_t, Tag> bytes;
    const hn::RebindToSigned<Tag> words;
    const auto steps = hn::LoadU(bytes, reinterpret_cast<const std::int8_t*>(row + c));
    // A vector never lies across two scales: its lanes divide kScaledChannels.
    std::uint16_t half = 0;
    std::memcpy(&half, row + channels + 2 * (c / kScaledChannels), sizeof(half));
    const Vector scale = WidenFloat16(Tag(), hn::Set(Bits(), half));
    return hn::Mul(hn::ConvertTo(Tag(), hn::PromoteTo(words, steps)), scale);
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace pressroom
HWY_AFTER_NAMESPACE();
// NOLINTEND(readability-identifier-naming)

#endif  // of one instruction set
