// What undoing quantised blocks of any kind is made of: vectors, scales, and quants of four bits.
// Included by a source that Highway compiles once for each instruction set, after Highway's own
// headers.
//
// Every product of a scale and a quant is exact in float32, and what is added to it is rounded
// once, fused or not: so there is one right answer.

// NOLINTBEGIN(readability-identifier-naming): named as Highway names such functions.
// Compiled once for each instruction set: no guard against a second time, but one for each.
#if defined(PRESSROOM_BLOCK_LANES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PRESSROOM_BLOCK_LANES_INL_H
#undef PRESSROOM_BLOCK_LANES_INL_H
#else
#define PRESSROOM_BLOCK_LANES_INL_H
#endif

#include <cstddef>
#include <cstring>

#include "model/sixteen_bits-inl.h"

HWY_BEFORE_NAMESPACE();
namespace pressroom {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using BlockFloats = hn::CappedTag<float, 16>;
using BlockWords = hn::Rebind<std::int32_t, BlockFloats>;
using BlockLanes = hn::Vec<BlockFloats>;

constexpr auto kBlockLanes = static_cast<std::ptrdiff_t>(hn::MaxLanes(BlockFloats()));
constexpr std::ptrdiff_t kGroupElements = 32;
constexpr int kGroupVectors = static_cast<int>(kGroupElements / kBlockLanes);

// A binary16 as float32, in all lanes.
HWY_INLINE BlockLanes HalfInAllLanes(const std::uint8_t* at) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, at, sizeof(bits));
  return WidenFloat16(BlockFloats(), hn::Set(hn::Rebind<std::uint16_t, BlockFloats>(), bits));
}

// As many signed or unsigned bytes as there are lanes, each as a word.
template <typename Byte>
HWY_INLINE hn::Vec<BlockWords> WordsOf(const Byte* at) {
  return hn::PromoteTo(BlockWords(), hn::LoadU(hn::Rebind<Byte, BlockFloats>(), at));
}

HWY_INLINE const std::int8_t* AsSigned(const std::uint8_t* at) {
  return reinterpret_cast<const std::int8_t*>(at);
}

// What the quants of four bits of one group stand for: scale * (q - kZero) where kZero is not 0,
// else scale * q + offset. Where a vector holds all sixteen of them, they are worked out once and
// looked up.
template <int kZero>
class Nibbles {
 public:
  HWY_INLINE Nibbles(BlockLanes scale, BlockLanes offset) : scale_(scale), offset_(offset) {
    if constexpr (kIsTable) scale_ = Value(hn::Iota(BlockFloats(), 0));
  }

  // Of quants 0 to 15.
  HWY_INLINE BlockLanes Of(hn::Vec<BlockWords> quants) const {
    const BlockFloats tag;
    if constexpr (kIsTable) {
      return hn::TableLookupLanes(scale_, hn::IndicesFromVec(tag, quants));
    } else {
      return Value(hn::ConvertTo(tag, quants));
    }
  }

 private:
  static constexpr bool kIsTable = kBlockLanes == 16;

  HWY_INLINE BlockLanes Value(BlockLanes quants) const {
    if constexpr (kZero != 0) {
      return hn::Mul(hn::Sub(quants, hn::Set(BlockFloats(), static_cast<float>(kZero))), scale_);
    } else {
      return hn::MulAdd(quants, scale_, offset_);
    }
  }

  BlockLanes scale_;  // or the table
  BlockLanes offset_;
};

HWY_INLINE hn::Vec<BlockWords> LowNibbles(hn::Vec<BlockWords> bytes) {
  return hn::And(bytes, hn::Set(BlockWords(), 0x0f));
}

}  // namespace HWY_NAMESPACE
}  // namespace pressroom
HWY_AFTER_NAMESPACE();
// NOLINTEND(readability-identifier-naming)

#endif  // of one instruction set
