#include "engine/attention/attention_kernels.h"

// Highway compiles what follows once for each instruction set. The order of its headers matters.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/attention/stored_row_kernels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include "engine/attention/stored_rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace pressroom {
// NOLINTBEGIN(readability-identifier-naming): compiled once for each processor, and named as
// Highway names such functions.
namespace HWY_NAMESPACE {

// kKeys keys are loaded once for kGroup queries; the sums are independent, and each takes its
// products in one order, however many are made beside it.
template <class Rows, int kGroup, int kKeys>
HWY_INLINE void RowScoresOf(const float* queries, const StoredRows& keys, std::int64_t j,
                            float scale, float* scores, std::int64_t stride) {
  const Tag tag;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  Vector sums[kKeys][kGroup];
  for (int k = 0; k < kKeys; ++k) {
    for (int h = 0; h < kGroup; ++h) sums[k][h] = hn::Zero(tag);
  }
  for (std::int64_t c = 0; c < keys.channels; c += lanes) {
    Vector key[kKeys];
    for (int k = 0; k < kKeys; ++k) key[k] = Rows::Load(keys.row(j + k), c, keys.channels);
    for (int h = 0; h < kGroup; ++h) {
      const Vector query = hn::LoadU(tag, queries + h * keys.channels + c);
      for (int k = 0; k < kKeys; ++k) sums[k][h] = hn::MulAdd(query, key[k], sums[k][h]);
    }
  }
  for (int k = 0; k < kKeys; ++k) {
    for (int h = 0; h < kGroup; ++h) {
      scores[h * stride + j + k] = scale * hn::GetLane(hn::SumOfLanes(tag, sums[k][h]));
    }
  }
}

template <class Rows, int kGroup>
HWY_INLINE void RowScoresOfGroup(const float* queries, const StoredRows& keys, std::int64_t count,
                                 float scale, float* scores, std::int64_t stride) {
  std::int64_t j = 0;
  for (; j + 2 <= count; j += 2) {
    RowScoresOf<Rows, kGroup, 2>(queries, keys, j, scale, scores, stride);
  }
  if (j < count) RowScoresOf<Rows, kGroup, 1>(queries, keys, j, scale, scores, stride);
}

template <class Rows>
HWY_INLINE void RowScoresIn(const float* queries, std::int64_t group, const StoredRows& keys,
                            std::int64_t count, float scale, float* scores, std::int64_t stride) {
  for (; group >= 4; group -= 4, queries += 4 * keys.channels, scores += 4 * stride) {
    RowScoresOfGroup<Rows, 4>(queries, keys, count, scale, scores, stride);
  }
  if (group == 3) RowScoresOfGroup<Rows, 3>(queries, keys, count, scale, scores, stride);
  if (group == 2) RowScoresOfGroup<Rows, 2>(queries, keys, count, scale, scores, stride);
  if (group == 1) RowScoresOfGroup<Rows, 1>(queries, keys, count, scale, scores, stride);
}

// Channels kVectors vectors at a time, so that a value is read once for all queries of the group.
template <class Rows, int kGroup, int kVectors>
HWY_INLINE void WeightedSumsOf(const float* weights, std::int64_t stride, const StoredRows& values,
                               std::int64_t count, std::int64_t c, float* out) {
  const Tag tag;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  Vector sums[kGroup][kVectors];
  for (int h = 0; h < kGroup; ++h) {
    for (int v = 0; v < kVectors; ++v) sums[h][v] = hn::Zero(tag);
  }
  for (std::int64_t j = 0; j < count; ++j) {
    const std::byte* row = values.row(j);
    for (int v = 0; v < kVectors; ++v) {
      const Vector value = Rows::Load(row, c + v * lanes, values.channels);
      for (int h = 0; h < kGroup; ++h) {
        sums[h][v] = hn::MulAdd(hn::Set(tag, weights[h * stride + j]), value, sums[h][v]);
      }
    }
  }
  for (int h = 0; h < kGroup; ++h) {
    for (int v = 0; v < kVectors; ++v) {
      hn::StoreU(sums[h][v], tag, out + h * values.channels + c + v * lanes);
    }
  }
}

template <class Rows, int kGroup>
HWY_INLINE void WeightedSumsOfGroup(const float* weights, std::int64_t stride,
                                    const StoredRows& values, std::int64_t count, float* out) {
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(Tag()));
  std::int64_t c = 0;
  for (; c + 4 * lanes <= values.channels; c += 4 * lanes) {
    WeightedSumsOf<Rows, kGroup, 4>(weights, stride, values, count, c, out);
  }
  for (; c < values.channels; c += lanes) {
    WeightedSumsOf<Rows, kGroup, 1>(weights, stride, values, count, c, out);
  }
}

template <class Rows>
HWY_INLINE void WeightedSumsIn(const float* weights, std::int64_t group, std::int64_t stride,
                               const StoredRows& values, std::int64_t count, float* out) {
  for (; group >= 3; group -= 3, weights += 3 * stride, out += 3 * values.channels) {
    WeightedSumsOfGroup<Rows, 3>(weights, stride, values, count, out);
  }
  if (group == 2) WeightedSumsOfGroup<Rows, 2>(weights, stride, values, count, out);
  if (group == 1) WeightedSumsOfGroup<Rows, 1>(weights, stride, values, count, out);
}

void RowScores(const float* queries, std::int64_t group, const StoredRows& keys, std::int64_t count,
               float scale, float* scores, std::int64_t stride) {
  switch (keys.dtype) {
    case KvDtype::kFloat32:
      return RowScoresIn<Float32Rows>(queries, group, keys, count, scale, scores, stride);
    case KvDtype::kBfloat16:
      return RowScoresIn<Bfloat16Rows>(queries, group, keys, count, scale, scores, stride);
    case KvDtype::kFloat16:
      return RowScoresIn<Float16Rows>(queries, group, keys, count, scale, scores, stride);
    case KvDtype::kQ8:
      return RowScoresIn<Q8Rows>(queries, group, keys, count, scale, scores, stride);
  }
}

void WeightedSums(const float* weights, std::int64_t group, std::int64_t stride,
                  const StoredRows& values, std::int64_t count, float* out) {
  switch (values.dtype) {
    case KvDtype::kFloat32:
      return WeightedSumsIn<Float32Rows>(weights, group, stride, values, count, out);
    case KvDtype::kBfloat16:
      return WeightedSumsIn<Bfloat16Rows>(weights, group, stride, values, count, out);
    case KvDtype::kFloat16:
      return WeightedSumsIn<Float16Rows>(weights, group, stride, values, count, out);
    case KvDtype::kQ8:
      return WeightedSumsIn<Q8Rows>(weights, group, stride, values, count, out);
  }
}

}  // namespace HWY_NAMESPACE
// NOLINTEND(readability-identifier-naming)
}  // namespace pressroom
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pressroom {

HWY_EXPORT(RowScores);
HWY_EXPORT(WeightedSums);

void row_scores(const float* queries, std::int64_t group, const StoredRows& keys,
                std::int64_t count, float scale, float* scores, std::int64_t stride) {
  HWY_DYNAMIC_DISPATCH(RowScores)(queries, group, keys, count, scale, scores, stride);
}

void weighted_sums(const float* weights, std::int64_t group, std::int64_t stride,
                   const StoredRows& values, std::int64_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(WeightedSums)(weights, group, stride, values, count, out);
}

}  // namespace pressroom
#endif
