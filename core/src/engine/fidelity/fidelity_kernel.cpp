#include <cmath>

#include "engine/fidelity/fidelity.h"

// Highway compiles what follows once for each instruction set. The order of its headers matters.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/fidelity/fidelity_kernel.cpp"
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

void Divergence(const float* p, float largest_p, const float* q, float largest_q,
                std::int64_t count, DivergenceSums* sums) {
  const hn::CappedTag<float, 16> tag;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  const auto shift_p = hn::Set(tag, largest_p);
  const auto shift_q = hn::Set(tag, largest_q);
  auto sum_p = hn::Zero(tag);
  auto sum_q = hn::Zero(tag);
  auto weighted = hn::Zero(tag);
  std::int64_t j = 0;
  for (; j + lanes <= count; j += lanes) {
    const auto a = hn::Sub(hn::LoadU(tag, p + j), shift_p);
    const auto b = hn::Sub(hn::LoadU(tag, q + j), shift_q);
    const auto weight = hn::Exp(tag, a);
    sum_p = hn::Add(sum_p, weight);
    sum_q = hn::Add(sum_q, hn::Exp(tag, b));
    weighted = hn::MulAdd(weight, hn::Sub(a, b), weighted);
  }
  sums->p = hn::GetLane(hn::SumOfLanes(tag, sum_p));
  sums->q = hn::GetLane(hn::SumOfLanes(tag, sum_q));
  sums->weighted = hn::GetLane(hn::SumOfLanes(tag, weighted));
  for (; j < count; ++j) {
    const float a = p[j] - largest_p;
    const float b = q[j] - largest_q;
    sums->p += std::exp(a);
    sums->q += std::exp(b);
    sums->weighted += std::exp(a) * (a - b);
  }
}

}  // namespace HWY_NAMESPACE
// NOLINTEND(readability-identifier-naming)
}  // namespace pressroom
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pressroom {

HWY_EXPORT(Divergence);

DivergenceSums divergence_sums(const float* p, float largest_p, const float* q, float largest_q,
                               std::int64_t count) {
  DivergenceSums sums;
  HWY_DYNAMIC_DISPATCH(Divergence)(p, largest_p, q, largest_q, count, &sums);
  return sums;
}

}  // namespace pressroom
#endif
