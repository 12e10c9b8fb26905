// Numbers of 16 bits, widened to vectors of float32 in registers: every one of them to what it is,
// infinities and NaNs among them, on every processor. Included by a source that Highway compiles
// once for each instruction set, after Highway's own headers.
//
//   const hn::ScalableTag<float> tag;
//   const hn::Rebind<std::uint16_t, decltype(tag)> bits;
//   const auto wide = WidenFloat16(tag, hn::LoadU(bits, numbers));

// NOLINTBEGIN(readability-identifier-naming): named as Highway names such functions.
// Compiled once for each instruction set: no guard against a second time, but one for each.
#if defined(PRESSROOM_SIXTEEN_BITS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef PRESSROOM_SIXTEEN_BITS_INL_H
#undef PRESSROOM_SIXTEEN_BITS_INL_H
#else
#define PRESSROOM_SIXTEEN_BITS_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace pressroom {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

template <class Tag>
using SixteenBits = hn::Vec<hn::Rebind<std::uint16_t, Tag>>;

template <class Tag>
HWY_INLINE hn::Vec<Tag> WidenBfloat16(Tag tag, SixteenBits<Tag> numbers) {
  const hn::RebindToUnsigned<Tag> words;
  return hn::BitCast(tag, hn::ShiftLeft<16>(hn::PromoteTo(words, numbers)));
}

template <class Tag>
HWY_INLINE hn::Vec<Tag> WidenFloat16(Tag tag, SixteenBits<Tag> numbers) {
  const hn::Rebind<hwy::float16_t, Tag> halves;
  const hn::Vec<Tag> wide = hn::PromoteTo(tag, hn::BitCast(halves, numbers));
#if HWY_ARCH_X86 && HWY_TARGET < HWY_SSE4
  return wide;  // by an instruction
#else
  // Where it has no instruction, Highway takes an exponent of all ones for that of a number.
  const hn::RebindToUnsigned<Tag> words;
  const auto exponent_of_half = hn::Set(words, 0x7c00);
  const auto exponent_of_float = hn::Set(words, 0x7f800000);
  const auto is_no_number =
      hn::Eq(hn::And(hn::PromoteTo(words, numbers), exponent_of_half), exponent_of_half);
  return hn::BitCast(
      tag, hn::Or(hn::BitCast(words, wide), hn::IfThenElseZero(is_no_number, exponent_of_float)));
#endif
}

}  // namespace HWY_NAMESPACE
}  // namespace pressroom
HWY_AFTER_NAMESPACE();
// NOLINTEND(readability-identifier-naming)

#endif  // of one instruction set
