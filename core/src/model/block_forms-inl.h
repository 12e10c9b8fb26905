// The five kinds of quantised blocks, undone to vectors of float32 in registers: what
// gguf/dequantise.h makes of them, to the bit. Included by a source that Highway compiles once for
// each instruction set, after Highway's own headers.
//
//   Q4_1::Block block;
//   Q4_1::Open(bytes, block);        // its scales, once
//   BlockLanes w[kGroupVectors];
//   Q4_1::Group(block, 0, w);        // 32 numbers in order
//
// Every product of a scale and a quant is exact in float32, and what is added to it is rounded
// once, fused or not: so there is one right answer.

// NOLINTBEGIN(readability-identifier-naming): named as Highway names such functions.
// Compiled once for each instruction set: no guard against a second time, but one for each.
#if defined(PRESSROOM_BLOCK_FORMS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PRESSROOM_BLOCK_FORMS_INL_H
#undef PRESSROOM_BLOCK_FORMS_INL_H
#else
#define PRESSROOM_BLOCK_FORMS_INL_H
#endif

#include "model/sixteen_bits-inl.h"

HWY_BEFORE_NAMESPACE();
namespace pressroom {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using BlockFloats = hn::CappedTag<float, 16>;
using BlockWords = hn::Rebind<std::int32_t, BlockFloats>;
using BlockLanes = hn::Vec<BlockFloats>;

constexpr int kBlockLanes = static_cast<int>(hn::MaxLanes(BlockFloats()));
constexpr int kGroupElements = 32;
constexpr int kGroupVectors = kGroupElements / kBlockLanes;

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

// The 32 numbers of a small block: elements 0 to 15 in the low halves of 16 bytes, 16 to 31 in the
// high ones.
template <int kZero>
HWY_INLINE void SmallNibbles(const Nibbles<kZero>& nibbles, const std::uint8_t* bytes,
                             BlockLanes* w) {
  for (int v = 0; v < kGroupVectors / 2; ++v) {
    const auto pairs = WordsOf(bytes + v * kBlockLanes);
    w[v] = nibbles.Of(LowNibbles(pairs));
    w[v + kGroupVectors / 2] = nibbles.Of(hn::ShiftRight<4>(pairs));
  }
}

// d, 32 signed bytes: d q.
struct Q8_0 {
  static constexpr int kElements = 32;
  static constexpr int kBytes = 34;
  struct Block {
    const std::uint8_t* bytes;
  };

  static HWY_INLINE void Open(const std::uint8_t* bytes, Block& block) { block.bytes = bytes; }

  static HWY_INLINE void Group(const Block& block, int /*group*/, BlockLanes* w) {
    const BlockFloats tag;
    const BlockLanes scale = HalfInAllLanes(block.bytes);
    for (int v = 0; v < kGroupVectors; ++v) {
      const auto quants = WordsOf(AsSigned(block.bytes + 2 + v * kBlockLanes));
      w[v] = hn::Mul(scale, hn::ConvertTo(tag, quants));
    }
  }
};

// d, 16 bytes: d (q - 8).
struct Q4_0 : Q8_0 {
  static constexpr int kBytes = 18;

  static HWY_INLINE void Group(const Block& block, int /*group*/, BlockLanes* w) {
    const Nibbles<8> nibbles(HalfInAllLanes(block.bytes), hn::Zero(BlockFloats()));
    SmallNibbles(nibbles, block.bytes + 2, w);
  }
};

// d, m, 16 bytes: d q + m.
struct Q4_1 : Q8_0 {
  static constexpr int kBytes = 20;

  static HWY_INLINE void Group(const Block& block, int /*group*/, BlockLanes* w) {
    const Nibbles<0> nibbles(HalfInAllLanes(block.bytes), HalfInAllLanes(block.bytes + 2));
    SmallNibbles(nibbles, block.bytes + 4, w);
  }
};

// out[i] = factor * byte i, for 8 of them.
template <typename Byte>
HWY_INLINE void Scaled8(const Byte* bytes, const std::uint8_t* factor, float* out) {
  const hn::CappedTag<float, 8> tag;
  const hn::Rebind<std::int32_t, decltype(tag)> words;
  const hn::Rebind<Byte, decltype(tag)> narrow;
  const auto factors = hn::Set(tag, hn::GetLane(HalfInAllLanes(factor)));
  constexpr int kStep = static_cast<int>(hn::MaxLanes(tag));
  for (int i = 0; i < 8; i += kStep) {
    const auto wide = hn::ConvertTo(tag, hn::PromoteTo(words, hn::LoadU(narrow, bytes + i)));
    hn::StoreU(hn::Mul(factors, wide), tag, out + i);
  }
}

// d, m, 12 bytes, 128 bytes: 8 groups of 32, (d s) q - (m t).
struct Q4_K {
  static constexpr int kElements = 256;
  static constexpr int kBytes = 144;
  struct Block {
    const std::uint8_t* bytes;
    float scales[8], minima[8];
  };

  static HWY_INLINE void Open(const std::uint8_t* bytes, Block& block) {
    block.bytes = bytes;
    // Four bytes at a time: see unpack_scales in gguf/dequantise.cpp.
    std::uint32_t packed[3];
    std::memcpy(packed, bytes + 4, sizeof(packed));
    const auto late = [](std::uint32_t low, std::uint32_t high) {
      return (low & 0x0f0f0f0fU) | (high >> 6 & 0x03030303U) << 4;
    };
    const std::uint32_t six[4] = {packed[0] & 0x3f3f3f3fU, late(packed[2], packed[0]),
                                  packed[1] & 0x3f3f3f3fU, late(packed[2] >> 4, packed[1])};
    const auto* each = reinterpret_cast<const std::uint8_t*>(six);
    Scaled8(each, bytes, block.scales);
    Scaled8(each + 8, bytes + 2, block.minima);
  }

  static HWY_INLINE void Group(const Block& block, int group, BlockLanes* w) {
    const BlockFloats tag;
    const Nibbles<0> nibbles(hn::Set(tag, block.scales[group]),
                             hn::Neg(hn::Set(tag, block.minima[group])));
    // Two groups share 32 bytes.
    const std::uint8_t* bytes = block.bytes + 16 + group / 2 * kGroupElements;
    for (int v = 0; v < kGroupVectors; ++v) {
      const auto pairs = WordsOf(bytes + v * kBlockLanes);
      w[v] = nibbles.Of(group % 2 == 0 ? LowNibbles(pairs) : hn::ShiftRight<4>(pairs));
    }
  }
};

// 128 bytes, 64 bytes, 16 bytes, d: 16 groups of 16, (d s) (q - 32).
struct Q6_K {
  static constexpr int kElements = 256;
  static constexpr int kBytes = 210;
  struct Block {
    HWY_ALIGN std::int8_t quants[kElements];
    float scales[16];
  };

  static HWY_INLINE void Open(const std::uint8_t* bytes, Block& block) {
    Scaled8(AsSigned(bytes + 192), bytes + 208, block.scales);
    Scaled8(AsSigned(bytes + 200), bytes + 208, block.scales + 8);
    const hn::CappedTag<std::uint8_t, 32> tag;
    const hn::RebindToSigned<decltype(tag)> sign;
    constexpr int kStep = static_cast<int>(hn::MaxLanes(tag));
    const auto low_four = hn::Set(tag, 0x0f);
    const auto next_two = hn::Set(tag, 0x30);
    const auto put = [&](auto low, auto high, std::int8_t* out) HWY_ATTR {
      const auto quants = hn::BitCast(sign, hn::Or(low, hn::And(high, next_two)));
      hn::StoreU(hn::Sub(quants, hn::Set(sign, 32)), sign, out);
    };
    // Halves of 128 elements, each of four runs of 32.
    for (int half = 0; half < 2; ++half) {
      for (int i = 0; i < 32; i += kStep) {
        const auto first = hn::LoadU(tag, bytes + 64 * half + i);
        const auto second = hn::LoadU(tag, bytes + 64 * half + 32 + i);
        const auto high = hn::LoadU(tag, bytes + 128 + 32 * half + i);
        std::int8_t* out = block.quants + 128 * half + i;
        put(hn::And(first, low_four), hn::ShiftLeft<4>(high), out);
        put(hn::And(second, low_four), hn::ShiftLeft<2>(high), out + 32);
        put(hn::ShiftRight<4>(first), high, out + 64);
        put(hn::ShiftRight<4>(second), hn::ShiftRight<2>(high), out + 96);
      }
    }
  }

  static HWY_INLINE void Group(const Block& block, int group, BlockLanes* w) {
    const BlockFloats tag;
    for (int v = 0; v < kGroupVectors; ++v) {
      const int first = group * kGroupElements + v * kBlockLanes;
      const auto scale = hn::Set(tag, block.scales[first / 16]);
      w[v] = hn::Mul(scale, hn::ConvertTo(tag, WordsOf(block.quants + first)));
    }
  }
};

}  // namespace HWY_NAMESPACE
}  // namespace pressroom
HWY_AFTER_NAMESPACE();
// NOLINTEND(readability-identifier-naming)

#endif  // of one instruction set
