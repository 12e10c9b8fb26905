
#include "engine/attention/attention_kernels.h"

// Highway compiles what follows once for each instruction set. The order of its headers matters.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/attention/row_scores.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace pressroom {
// NOLINTBEGIN(readability-identifier-naming): compiled once for each processor, and named as
// Highway names such functions.
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Tag = hn::CappedTag<float, kVectorPadding>;
using Vector = hn::Vec<Tag>;

// A key is loaded once for kGroup queries, whose sums are independent.
template <int kGroup>
void RowScoresOf(const float* queries, std::int64_t head_dim, const float* keys, std::int64_t count,
                 float scale, float* scores, std::int64_t stride) {
  const Tag tag;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  for (std::int64_t j = 0; j < count; ++j) {
    const float* key = keys + j * head_dim;
    Vector sums[kGroup];
    for (int h = 0; h < kGroup; ++h) sums[h] = hn::Zero(tag);
    for (std::int64_t c = 0; c < head_dim; c += lanes) {
      const Vector k = hn::LoadU(tag, key + c);
      for (int h = 0; h < kGroup; ++h) {
        sums[h] = hn::MulAdd(hn::LoadU(tag, queries + h * head_dim + c), k, sums[h]);
      }
    }
    for (int h = 0; h < kGroup; ++h) {
      scores[h * stride + j] = scale * hn::GetLane(hn::SumOfLanes(tag, sums[h]));
    }
  }
}

void RowScores(const float* queries, std::int64_t group, std::int64_t head_dim, const float* keys,
               std::int64_t count, float scale, float* scores, std::int64_t stride) {
  for (; group >= 4; group -= 4, queries += 4 * head_dim, scores += 4 * stride) {
    RowScoresOf<4>(queries, head_dim, keys, count, scale, scores, stride);
  }
  if (group == 3) RowScoresOf<3>(queries, head_dim, keys, count, scale, scores, stride);
  if (group == 2) RowScoresOf<2>(queries, head_dim, keys, count, scale, scores, stride);
  if (group == 1) RowScoresOf<1>(queries, head_dim, keys, count, scale, scores, stride);
}

}  // namespace HWY_NAMESPACE
// NOLINTEND(readability-identifier-naming)
}  // namespace pressroom
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pressroom {

HWY_EXPORT(RowScores);

void row_scores(const float* queries, std::int64_t group, std::int64_t head_dim, const float* keys,
                std::int64_t count, float scale, float* scores, std::int64_t stride) {
  HWY_DYNAMIC_DISPATCH(RowScores)(queries, group, head_dim, keys, count, scale, scores, stride);
}

}  // namespace pressroom
#endif
