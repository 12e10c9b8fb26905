#include "parallel/float_controls.h"

#include <cfenv>
#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace pressroom {
namespace {

// Registers and not <cfenv>: that knows nothing of denormals, and saving its whole environment
// takes longer than many a call that is looked after.
#if defined(__x86_64__)
// MXCSR, which float and double obey, in the low half; the x87 control word, which long double
// obeys, in the high half. 0x3f of MXCSR are flags.
constexpr std::uint64_t kMxcsrControls = 0xffc0;
constexpr std::uint64_t kX87Controls = 0x0f3f;
constexpr std::uint64_t kStandard = (std::uint64_t{0x033f} << 32) | 0x1f80;
constexpr std::uint64_t kFlushes = 0x8040;
constexpr std::uint64_t kTraps = (std::uint64_t{0x3f} << 32) | 0x1f80;
constexpr std::uint64_t kX87Precision = std::uint64_t{0x0300} << 32;
#elif defined(__aarch64__)
constexpr std::uint64_t kStandard = 0;
constexpr std::uint64_t kFlushes = (1U << 24) | (1U << 19) | 1U;
constexpr std::uint64_t kTraps = 0x9f00;
constexpr std::uint64_t kX87Precision = 0;
#else
constexpr std::uint64_t kStandard = 0;
constexpr std::uint64_t kFlushes = 0;
constexpr std::uint64_t kTraps = 0;
constexpr std::uint64_t kX87Precision = 0;
#endif

const char* rounding_words(std::uint64_t controls) {
#if defined(__x86_64__)
  // Two bits in each register; the two may have been set apart.
  const std::uint64_t of_mxcsr = (controls >> 13) & 3;
  const std::uint64_t mode = of_mxcsr != 0 ? of_mxcsr : (controls >> 42) & 3;
  constexpr const char* kWords[] = {"", "downward", "upward", "toward zero"};
#elif defined(__aarch64__)
  const std::uint64_t mode = (controls >> 22) & 3;
  constexpr const char* kWords[] = {"", "upward", "downward", "toward zero"};
#else
  const std::uint64_t mode = controls == 0 ? 0 : 1;
  constexpr const char* kWords[] = {"", "another way than to nearest"};
#endif
  return kWords[mode];
}

void add(std::string& text, const std::string& part) { text += (text.empty() ? "" : ", ") + part; }

}  // namespace

std::uint64_t float_controls() {
#if defined(__x86_64__)
  std::uint16_t x87 = 0;
  asm volatile("fnstcw %0" : "=m"(x87));
  return ((x87 & kX87Controls) << 32) | (_mm_getcsr() & kMxcsrControls);
#elif defined(__aarch64__)
  std::uint64_t controls = 0;
  asm volatile("mrs %0, fpcr" : "=r"(controls));
  return controls;
#else
  return static_cast<std::uint64_t>(std::fegetround() == FE_TONEAREST ? 0 : 1);
#endif
}

void use_standard_floats() {
  if (float_controls() == kStandard) return;
#if defined(__x86_64__)
  const std::uint16_t x87 = 0x037f;
  // A trap that was let through for an exception of long ago would go off at the next instruction
  // that waits for one, as fldcw does: the exceptions are forgotten first.
  asm volatile("fnclex\n\tfldcw %0" : : "m"(x87));
  _mm_setcsr(0x1f80);
#elif defined(__aarch64__)
  asm volatile("msr fpcr, %0" : : "r"(kStandard));
#else
  std::fesetenv(FE_DFL_ENV);
#endif
}

std::string float_changes(std::uint64_t controls) {
  const std::uint64_t changed = controls ^ kStandard;
  std::string text;
  if (*rounding_words(controls) != '\0')
    add(text, std::string("rounding ") + rounding_words(controls));
  if ((changed & kFlushes) != 0) add(text, "denormal numbers taken for zero");
  if ((changed & kTraps) != 0) add(text, "floating-point exceptions trapped");
  if ((changed & kX87Precision) != 0) add(text, "long double cut short");
  if (text.empty() && changed != 0) add(text, "floating-point settings");
  return text;
}

}  // namespace pressroom
