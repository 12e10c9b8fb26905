#include <algorithm>
#include <cmath>

#include "engine/distribution/distribution.h"

// Highway compiles what follows once for each instruction set. The order of its headers matters.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/distribution/distribution_kernel.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
#include <hwy/contrib/math/math-inl.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace pressroom {
// NOLINTBEGIN(readability-identifier-naming): compiled once for each processor, and named as
// Highway names such functions.
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

void Distribution(const float* logits, std::int64_t count, float largest, float than,
                  DistributionSums* sums) {
  // exp of it is 0 in float32: what lies below counts as this, and -inf is no NaN of 0 times it.
  constexpr float kLeast = -200;
  const hn::CappedTag<float, 16> tag;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  const auto shift = hn::Set(tag, largest);
  const auto least = hn::Set(tag, kLeast);
  const auto bound = hn::Set(tag, than);
  const auto one = hn::Set(tag, 1.0F);
  auto weighted = hn::Zero(tag);
  auto larger = hn::Zero(tag);  // whole numbers, exact up to 2^24
  std::int64_t j = 0;
  for (; j + lanes <= count; j += lanes) {
    const auto logit = hn::LoadU(tag, logits + j);
    const auto a = hn::Max(hn::Sub(logit, shift), least);
    weighted = hn::MulAdd(hn::Exp(tag, a), a, weighted);
    larger = hn::Add(larger, hn::IfThenElseZero(hn::Gt(logit, bound), one));
  }
  sums->weighted = hn::GetLane(hn::SumOfLanes(tag, weighted));
  sums->larger = static_cast<std::int64_t>(hn::GetLane(hn::SumOfLanes(tag, larger)));
  for (; j < count; ++j) {
    const float a = std::max(logits[j] - largest, kLeast);
    sums->weighted += std::exp(a) * a;
    sums->larger += logits[j] > than ? 1 : 0;
  }
}

}  // namespace HWY_NAMESPACE
// NOLINTEND(readability-identifier-naming)
}  // namespace pressroom
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pressroom {

HWY_EXPORT(Distribution);

DistributionSums distribution_sums(const float* logits, std::int64_t count, float largest,
                                   float than) {
  DistributionSums sums;
  HWY_DYNAMIC_DISPATCH(Distribution)(logits, count, largest, than, &sums);
  return sums;
}

}  // namespace pressroom
#endif
