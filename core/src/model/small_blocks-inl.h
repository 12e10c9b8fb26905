// Blocks of 32 numbers under one scale - Q8_0, Q4_0, Q4_1 - undone to vectors of float32 in
// registers: what gguf/dequantise.h makes of them, to the bit. Included by a source that Highway
// compiles once for each instruction set, after Highway's own headers.
//
//   Q4_1::Block block;
//   Q4_1::Open(bytes, block);
//   BlockLanes w[kGroupVectors];
//   Q4_1::Group(block, 0, w);        // 32 numbers in order

// NOLINTBEGIN(readability-identifier-naming): named as Highway names such functions.
// Compiled once for each instruction set: no guard against a second time, but one for each.
#if defined(PRESSROOM_SMALL_BLOCKS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PRESSROOM_SMALL_BLOCKS_INL_H
#undef PRESSROOM_SMALL_BLOCKS_INL_H
#else
#define PRESSROOM_SMALL_BLOCKS_INL_H
#endif

#include "model/block_lanes-inl.h"

HWY_BEFORE_NAMESPACE();
namespace pressroom {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

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

}  // namespace HWY_NAMESPACE
}  // namespace pressroom
HWY_AFTER_NAMESPACE();
// NOLINTEND(readability-identifier-naming)

#endif  // of one instruction set
