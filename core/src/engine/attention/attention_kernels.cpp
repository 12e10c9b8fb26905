#include "engine/attention/attention_kernels.h"

#include <algorithm>
#include <cmath>
#include <limits>

// Highway compiles what follows once for each instruction set. The order of its headers matters.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/attention/attention_kernels.cpp"
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

using Tag = hn::CappedTag<float, kVectorPadding>;
using Vector = hn::Vec<Tag>;

// Keys two vectors at a time: enough independent sums to hide the latency of an addition.
template <int kGroup>
void ColumnScoresOf(const float* queries, std::int64_t head_dim, const float* keys,
                    std::int64_t stride, std::int64_t count, float* scores) {
  const Tag tag;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  for (std::int64_t j = 0; j < count; j += 2 * lanes) {
    const std::int64_t second = std::min(j + lanes, stride - lanes);
    Vector sums[kGroup][2];
    for (int h = 0; h < kGroup; ++h) sums[h][0] = sums[h][1] = hn::Zero(tag);
    for (std::int64_t c = 0; c < head_dim; ++c) {
      const Vector low = hn::LoadU(tag, keys + c * stride + j);
      const Vector high = hn::LoadU(tag, keys + c * stride + second);
      for (int h = 0; h < kGroup; ++h) {
        const Vector q = hn::Set(tag, queries[h * head_dim + c]);
        sums[h][0] = hn::MulAdd(q, low, sums[h][0]);
        sums[h][1] = hn::MulAdd(q, high, sums[h][1]);
      }
    }
    for (int h = 0; h < kGroup; ++h) {
      hn::StoreU(sums[h][0], tag, scores + h * stride + j);
      hn::StoreU(sums[h][1], tag, scores + h * stride + second);
    }
  }
}

void ColumnScores(const float* queries, std::int64_t group, std::int64_t head_dim,
                  const float* keys, std::int64_t stride, std::int64_t count, float* scores) {
  for (; group >= 4; group -= 4, queries += 4 * head_dim, scores += 4 * stride) {
    ColumnScoresOf<4>(queries, head_dim, keys, stride, count, scores);
  }
  if (group == 3) ColumnScoresOf<3>(queries, head_dim, keys, stride, count, scores);
  if (group == 2) ColumnScoresOf<2>(queries, head_dim, keys, stride, count, scores);
  if (group == 1) ColumnScoresOf<1>(queries, head_dim, keys, stride, count, scores);
}

float Largest(const float* values, std::int64_t count) {
  const Tag tag;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  float largest = -std::numeric_limits<float>::infinity();
  std::int64_t j = 0;
  if (count >= lanes) {
    Vector most = hn::LoadU(tag, values);
    for (j = lanes; j + lanes <= count; j += lanes) {
      most = hn::Max(most, hn::LoadU(tag, values + j));
    }
    largest = hn::GetLane(hn::MaxOfLanes(tag, most));
  }
  for (; j < count; ++j) largest = std::max(largest, values[j]);
  return largest;
}

// exp(values - shift); a NaN stays one, which hn::Exp alone would make 0.
Vector ExpOf(Vector values, Vector shift) {
  const Vector shifted = hn::Sub(values, shift);
  return hn::IfThenElse(hn::Eq(shifted, shifted), hn::Exp(Tag(), shifted), shifted);
}

// The last `count` values, fewer than a vector holds, as one: equal values have equal exponentials
// wherever they stand. Behind them lies what has an exponential of 0.
Vector LoadTail(const float* values, std::int64_t count) {
  HWY_ALIGN float padded_values[kVectorPadding];
  std::fill(padded_values, padded_values + kVectorPadding, -1e30F);
  std::copy(values, values + count, padded_values);
  return hn::Load(Tag(), padded_values);
}

void StoreTail(Vector vector, float* values, std::int64_t count) {
  HWY_ALIGN float all[kVectorPadding];
  hn::Store(vector, Tag(), all);
  std::copy(all, all + count, values);
}

// exp(values - largest) over `count` values; returns their sum.
float ExpAndSum(float* values, std::int64_t count, float largest) {
  const Tag tag;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  const Vector shift = hn::Set(tag, largest);
  Vector sum = hn::Zero(tag);
  std::int64_t j = 0;
  for (; j + lanes <= count; j += lanes) {
    const Vector e = ExpOf(hn::LoadU(tag, values + j), shift);
    hn::StoreU(e, tag, values + j);
    sum = hn::Add(sum, e);
  }
  if (j < count) {
    const Vector e = ExpOf(LoadTail(values + j, count - j), shift);
    StoreTail(e, values + j, count - j);
    sum = hn::Add(sum, e);
  }
  return hn::GetLane(hn::SumOfLanes(tag, sum));
}

float SumOfExp(const float* values, std::int64_t count, float largest) {
  const Tag tag;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  const Vector shift = hn::Set(tag, largest);
  Vector sum = hn::Zero(tag);
  std::int64_t j = 0;
  for (; j + lanes <= count; j += lanes) {
    sum = hn::Add(sum, ExpOf(hn::LoadU(tag, values + j), shift));
  }
  if (j < count) sum = hn::Add(sum, ExpOf(LoadTail(values + j, count - j), shift));
  return hn::GetLane(hn::SumOfLanes(tag, sum));
}

void Scale(float* values, std::int64_t count, float factor) {
  const Tag tag;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  const Vector by = hn::Set(tag, factor);
  std::int64_t j = 0;
  for (; j + lanes <= count; j += lanes) {
    hn::StoreU(hn::Mul(hn::LoadU(tag, values + j), by), tag, values + j);
  }
  for (; j < count; ++j) values[j] *= factor;
}

void Softmax(float* scores, std::int64_t count) {
  const float sum = ExpAndSum(scores, count, Largest(scores, count));
  Scale(scores, count, 1.0F / sum);
  std::fill(scores + count, scores + padded(count), 0.0F);
}

void AddRows(const float* rows, std::int64_t group, std::int64_t stride, float* total) {
  const Tag tag;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  for (std::int64_t j = 0; j < stride; j += lanes) {
    Vector sum = hn::LoadU(tag, total + j);
    for (std::int64_t h = 0; h < group; ++h) {
      sum = hn::Add(sum, hn::LoadU(tag, rows + h * stride + j));
    }
    hn::StoreU(sum, tag, total + j);
  }
}

void MaskedSoftmax(float* scores, std::int64_t count, float scale, const std::int32_t* birth,
                   const std::int32_t* death, std::int32_t t) {
  const Tag tag;
  const hn::RebindToSigned<Tag> whole;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  // Far enough below any score that its exponential is 0, and still a number.
  const float unseen = -1e30F;
  const auto now = hn::Set(whole, t);
  const Vector factor = hn::Set(tag, scale);
  std::int64_t j = 0;
  for (; j + lanes <= count; j += lanes) {
    const auto hidden =
        hn::Or(hn::Gt(hn::LoadU(whole, birth + j), now), hn::Lt(hn::LoadU(whole, death + j), now));
    const Vector scaled = hn::Mul(hn::LoadU(tag, scores + j), factor);
    hn::StoreU(hn::IfThenElse(hn::RebindMask(tag, hidden), hn::Set(tag, unseen), scaled), tag,
               scores + j);
  }
  for (; j < count; ++j) {
    scores[j] = birth[j] <= t && t <= death[j] ? scores[j] * scale : unseen;
  }
  const float sum = ExpAndSum(scores, count, Largest(scores, count));
  Scale(scores, count, 1.0F / sum);
}

}  // namespace HWY_NAMESPACE
// NOLINTEND(readability-identifier-naming)
}  // namespace pressroom
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pressroom {

HWY_EXPORT(ColumnScores);
HWY_EXPORT(Largest);
HWY_EXPORT(SumOfExp);
HWY_EXPORT(Softmax);
HWY_EXPORT(ExpAndSum);
HWY_EXPORT(Scale);
HWY_EXPORT(AddRows);
HWY_EXPORT(MaskedSoftmax);

void column_scores(const float* queries, std::int64_t group, std::int64_t head_dim,
                   const float* keys, std::int64_t stride, std::int64_t count, float* scores) {
  HWY_DYNAMIC_DISPATCH(ColumnScores)(queries, group, head_dim, keys, stride, count, scores);
}

float largest_of(const float* values, std::int64_t count) {
  return HWY_DYNAMIC_DISPATCH(Largest)(values, count);
}

float sum_of_exp(const float* values, std::int64_t count, float largest) {
  return HWY_DYNAMIC_DISPATCH(SumOfExp)(values, count, largest);
}

void softmax(float* scores, std::int64_t count) { HWY_DYNAMIC_DISPATCH(Softmax)(scores, count); }

float exp_in_place(float* values, std::int64_t count, float largest) {
  return HWY_DYNAMIC_DISPATCH(ExpAndSum)(values, count, largest);
}

void scale_in_place(float* values, std::int64_t count, float factor) {
  HWY_DYNAMIC_DISPATCH(Scale)(values, count, factor);
}

void add_rows(const float* rows, std::int64_t group, std::int64_t stride, float* total) {
  HWY_DYNAMIC_DISPATCH(AddRows)(rows, group, stride, total);
}

void masked_softmax(float* scores, std::int64_t count, float scale, const std::int32_t* birth,
                    const std::int32_t* death, std::int32_t t) {
  HWY_DYNAMIC_DISPATCH(MaskedSoftmax)(scores, count, scale, birth, death, t);
}

}  // namespace pressroom
#endif
