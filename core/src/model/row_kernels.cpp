#include "model/row_kernels.h"

#include <cmath>

// Highway compiles what follows once for each instruction set. The order of its headers matters.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/row_kernels.cpp"
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

using RowTag = hn::ScalableTag<float>;
using RowLanes = hn::Vec<RowTag>;

// Calls `body(from, lanes)` for whole vectors, and `one(i)` for what is left of `count`.
template <class Body, class One>
HWY_INLINE void ForEach(std::int64_t count, const Body& body, const One& one) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(RowTag()));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) body(i);
  for (; i < count; ++i) one(i);
}

// Of (x - mean)^2 over a row.
HWY_INLINE float SumOfSquares(const float* x, std::int64_t width, float mean) {
  const RowTag tag;
  const RowLanes shift = hn::Set(tag, mean);
  RowLanes sum = hn::Zero(tag);
  float rest = 0;
  ForEach(
      width,
      [&](std::int64_t i) HWY_ATTR {
        const RowLanes centred = hn::Sub(hn::LoadU(tag, x + i), shift);
        sum = hn::MulAdd(centred, centred, sum);
      },
      [&](std::int64_t i) HWY_ATTR { rest += (x[i] - mean) * (x[i] - mean); });
  return hn::GetLane(hn::SumOfLanes(tag, sum)) + rest;
}

HWY_INLINE float Sum(const float* x, std::int64_t width) {
  const RowTag tag;
  RowLanes sum = hn::Zero(tag);
  float rest = 0;
  ForEach(
      width, [&](std::int64_t i) HWY_ATTR { sum = hn::Add(sum, hn::LoadU(tag, x + i)); },
      [&](std::int64_t i) HWY_ATTR { rest += x[i]; });
  return hn::GetLane(hn::SumOfLanes(tag, sum)) + rest;
}

// 1 / sqrt(squares / width + epsilon), in double: once in a row.
HWY_INLINE float InverseDeviation(float squares, std::int64_t width, double epsilon) {
  return static_cast<float>(1 / std::sqrt(squares / static_cast<double>(width) + epsilon));
}

void RmsNorm(const float* x, std::int64_t width, const float* weight, double epsilon, float* out) {
  const RowTag tag;
  const float scale = InverseDeviation(SumOfSquares(x, width, 0), width, epsilon);
  const RowLanes scales = hn::Set(tag, scale);
  ForEach(
      width,
      [&](std::int64_t i) HWY_ATTR {
        const RowLanes normed = hn::Mul(hn::LoadU(tag, x + i), scales);
        hn::StoreU(hn::Mul(normed, hn::LoadU(tag, weight + i)), tag, out + i);
      },
      [&](std::int64_t i) HWY_ATTR { out[i] = x[i] * scale * weight[i]; });
}

void LayerNorm(const float* x, std::int64_t width, const float* weight, const float* bias,
               double epsilon, float* out) {
  const RowTag tag;
  const float mean = Sum(x, width) / static_cast<float>(width);
  const float scale = InverseDeviation(SumOfSquares(x, width, mean), width, epsilon);
  const RowLanes means = hn::Set(tag, mean);
  const RowLanes scales = hn::Set(tag, scale);
  ForEach(
      width,
      [&](std::int64_t i) HWY_ATTR {
        const RowLanes normed = hn::Mul(hn::Sub(hn::LoadU(tag, x + i), means), scales);
        const RowLanes added = bias != nullptr ? hn::LoadU(tag, bias + i) : hn::Zero(tag);
        hn::StoreU(hn::MulAdd(normed, hn::LoadU(tag, weight + i), added), tag, out + i);
      },
      [&](std::int64_t i) HWY_ATTR {
        out[i] = (x[i] - mean) * scale * weight[i] + (bias != nullptr ? bias[i] : 0.0F);
      });
}

// x / (1 + exp(-x)), by the exponential of what is below 0: that of a large number is infinite.
struct SiluOf {
  static HWY_INLINE RowLanes Of(RowLanes x) {
    const RowTag tag;
    const RowLanes e = hn::Exp(tag, hn::Neg(hn::Abs(x)));
    const RowLanes above = hn::IfThenElse(hn::Lt(x, hn::Zero(tag)), hn::Mul(x, e), x);
    return hn::Div(above, hn::Add(hn::Set(tag, 1.0F), e));
  }
};

// x/2 (1 + tanh(sqrt(2/pi) (x + 0.044715 x^3))) (Hendrycks and Gimpel 2016, arXiv 1606.08415).
struct GeluTanhOf {
  static HWY_INLINE RowLanes Of(RowLanes x) {
    const RowTag tag;
    const RowLanes cube = hn::Mul(hn::Mul(x, x), x);
    const RowLanes inner = hn::MulAdd(hn::Set(tag, 0.044715F), cube, x);
    const RowLanes tanh = hn::Tanh(tag, hn::Mul(hn::Set(tag, 0.79788456F), inner));
    return hn::Mul(hn::Mul(hn::Set(tag, 0.5F), x), hn::Add(hn::Set(tag, 1.0F), tanh));
  }
};

// x/2 (1 + erf(x / sqrt(2))). Highway has no erf, and the families that want it are few.
struct GeluOf {
  static HWY_INLINE RowLanes Of(RowLanes x) {
    const RowTag tag;
    HWY_ALIGN float lanes[HWY_MAX_BYTES / sizeof(float)];
    hn::Store(x, tag, lanes);
    for (std::size_t i = 0; i < hn::Lanes(tag); ++i) {
      lanes[i] = 0.5F * lanes[i] * (1 + std::erf(lanes[i] * 0.70710678F));
    }
    return hn::Load(tag, lanes);
  }
};

template <class Function>
void ActivateBy(const float* x, const float* factor, std::int64_t count, float* out) {
  const RowTag tag;
  const RowLanes one = hn::Set(tag, 1.0F);
  ForEach(
      count,
      [&](std::int64_t i) HWY_ATTR {
        const RowLanes by = factor != nullptr ? hn::LoadU(tag, factor + i) : one;
        hn::StoreU(hn::Mul(Function::Of(hn::LoadU(tag, x + i)), by), tag, out + i);
      },
      // The same function, so that a number's place in the row does not show.
      [&](std::int64_t i) HWY_ATTR {
        const float value = hn::GetLane(Function::Of(hn::Set(tag, x[i])));
        out[i] = factor != nullptr ? value * factor[i] : value;
      });
}

void Activate(Activation activation, const float* x, const float* factor, std::int64_t count,
              float* out) {
  switch (activation) {
    case Activation::kSilu:
      return ActivateBy<SiluOf>(x, factor, count, out);
    case Activation::kGelu:
      return ActivateBy<GeluOf>(x, factor, count, out);
    case Activation::kGeluTanh:
      return ActivateBy<GeluTanhOf>(x, factor, count, out);
  }
}

void AddTo(const float* more, std::int64_t count, float* sum) {
  const RowTag tag;
  ForEach(
      count,
      [&](std::int64_t i) HWY_ATTR {
        hn::StoreU(hn::Add(hn::LoadU(tag, sum + i), hn::LoadU(tag, more + i)), tag, sum + i);
      },
      [&](std::int64_t i) HWY_ATTR { sum[i] += more[i]; });
}

}  // namespace HWY_NAMESPACE
// NOLINTEND(readability-identifier-naming)
}  // namespace pressroom
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pressroom {

HWY_EXPORT(RmsNorm);
HWY_EXPORT(LayerNorm);
HWY_EXPORT(Activate);
HWY_EXPORT(AddTo);

void rms_norm(const float* x, std::int64_t width, const float* weight, double epsilon, float* out) {
  HWY_DYNAMIC_DISPATCH(RmsNorm)(x, width, weight, epsilon, out);
}

void layer_norm(const float* x, std::int64_t width, const float* weight, const float* bias,
                double epsilon, float* out) {
  HWY_DYNAMIC_DISPATCH(LayerNorm)(x, width, weight, bias, epsilon, out);
}

void activate(Activation activation, const float* x, const float* factor, std::int64_t count,
              float* out) {
  HWY_DYNAMIC_DISPATCH(Activate)(activation, x, factor, count, out);
}

void add_to(const float* more, std::int64_t count, float* sum) {
  HWY_DYNAMIC_DISPATCH(AddTo)(more, count, sum);
}

}  // namespace pressroom
#endif
