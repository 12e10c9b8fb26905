// Blocks of 256 numbers whose groups have scales of their own - Q4_K, Q6_K - undone to vectors of
// float32 in registers, as model/small_blocks-inl.h undoes the small ones. Open works out the
// scales once; groups 0 .. 7 are 32 numbers each.

// NOLINTBEGIN(readability-identifier-naming): named as Highway names such functions.
// Compiled once for each instruction set: no guard against a second time, but one for each.
#if defined(PRESSROOM_SUPER_BLOCKS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PRESSROOM_SUPER_BLOCKS_INL_H
#undef PRESSROOM_SUPER_BLOCKS_INL_H
#else
#define PRESSROOM_SUPER_BLOCKS_INL_H
#endif

#include "model/block_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace pressroom {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

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
    for (std::ptrdiff_t half = 0; half < 2; ++half) {
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
      const std::ptrdiff_t first = group * kGroupElements + v * kBlockLanes;
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
