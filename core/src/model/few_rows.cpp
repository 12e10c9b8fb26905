#include "model/few_rows.h"

#include "model/few_rows_blocks.h"

// Highway compiles what follows once for each instruction set. The order of its headers matters.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/few_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include "model/sixteen_bits-inl.h"

HWY_BEFORE_NAMESPACE();
namespace pressroom {
// NOLINTBEGIN(readability-identifier-naming): compiled once for each processor, and named as
// Highway names such functions.
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Floats = hn::ScalableTag<float>;
using Halves = hn::Rebind<std::uint16_t, Floats>;
using Lanes = hn::Vec<Floats>;

// A vector of a weight's numbers, in each form, as float32.
struct Float32Form {
  using Stored = float;
  static HWY_INLINE Lanes Load(const Stored* at) { return hn::LoadU(Floats(), at); }
};

struct Bfloat16Form {
  using Stored = std::uint16_t;
  static HWY_INLINE Lanes Load(const Stored* at) {
    return WidenBfloat16(Floats(), hn::LoadU(Halves(), at));
  }
};

struct Float16Form {
  using Stored = std::uint16_t;
  static HWY_INLINE Lanes Load(const Stored* at) {
    return WidenFloat16(Floats(), hn::LoadU(Halves(), at));
  }
};

// Rows of the weight that are read side by side, each out of a quarter of its own: four streams of
// reading, each of which the processor fetches ahead, bring memory to its speed. Rows that are
// neighbours make one stream, and half of that.
constexpr int kTileOutputs = 4;
constexpr int kTileRows = 4;

// The most lanes of a vector on any processor: the room for the end of a row.
constexpr std::int64_t kMostLanes = HWY_MAX_BYTES / sizeof(float);

// The last `count` numbers from `at`, with zeros up to a whole vector.
template <class Stored>
HWY_INLINE void CopyEnd(const Stored* at, std::int64_t count, Stored* padded) {
  for (std::int64_t i = 0; i < kMostLanes; ++i) padded[i] = i < count ? at[i] : Stored(0);
}

// A part of the result, kOutputs x kRows sums, of rows of the weight that lie `apart` rows from one
// another. Every sum takes the same products in the same order whatever the part: that is what
// makes a row independent of the others.
template <class Form, int kOutputs, int kRows>
HWY_INLINE void Tile(const float* x, std::int64_t in, const typename Form::Stored* weight,
                     std::int64_t apart, float* result, std::int64_t stride) {
  const Floats tag;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  Lanes sums[kOutputs][kRows];
  for (int o = 0; o < kOutputs; ++o) {
    for (int r = 0; r < kRows; ++r) sums[o][r] = hn::Zero(tag);
  }
  const auto add = [&](const Lanes* xs, int o, Lanes w) HWY_ATTR {
    for (int r = 0; r < kRows; ++r) sums[o][r] = hn::MulAdd(w, xs[r], sums[o][r]);
  };
  std::int64_t i = 0;
  for (; i + lanes <= in; i += lanes) {
    Lanes xs[kRows];
    for (int r = 0; r < kRows; ++r) xs[r] = hn::LoadU(tag, x + r * in + i);
    for (int o = 0; o < kOutputs; ++o) add(xs, o, Form::Load(weight + o * apart * in + i));
  }
  if (i < in) {
    float x_end[kMostLanes];
    typename Form::Stored weight_end[kMostLanes];
    Lanes xs[kRows];
    for (int r = 0; r < kRows; ++r) {
      CopyEnd(x + r * in + i, in - i, x_end);
      xs[r] = hn::LoadU(tag, x_end);
    }
    for (int o = 0; o < kOutputs; ++o) {
      CopyEnd(weight + o * apart * in + i, in - i, weight_end);
      add(xs, o, Form::Load(weight_end));
    }
  }
  for (int o = 0; o < kOutputs; ++o) {
    for (int r = 0; r < kRows; ++r) {
      result[r * stride + o * apart] = hn::GetLane(hn::SumOfLanes(tag, sums[o][r]));
    }
  }
}

// All rows of x with kOutputs rows of the weight, which stay in the first-level cache from one tile
// to the next.
template <class Form, int kOutputs>
HWY_INLINE void Outputs(const float* x, std::int64_t rows, std::int64_t in,
                        const typename Form::Stored* weight, std::int64_t apart, float* result,
                        std::int64_t stride) {
  for (; rows >= kTileRows; rows -= kTileRows, x += kTileRows * in, result += kTileRows * stride) {
    Tile<Form, kOutputs, kTileRows>(x, in, weight, apart, result, stride);
  }
  if (rows == 3) Tile<Form, kOutputs, 3>(x, in, weight, apart, result, stride);
  if (rows == 2) Tile<Form, kOutputs, 2>(x, in, weight, apart, result, stride);
  if (rows == 1) Tile<Form, kOutputs, 1>(x, in, weight, apart, result, stride);
}

template <class Form>
HWY_INLINE void Product(const float* x, std::int64_t rows, const WeightRows& weight, float* result,
                        std::int64_t stride) {
  const auto* data = static_cast<const typename Form::Stored*>(weight.data);
  const std::int64_t in = weight.in;
  const std::int64_t quarter = weight.out / kTileOutputs;
  for (std::int64_t o = 0; o < quarter; ++o) {
    Outputs<Form, kTileOutputs>(x, rows, in, data + o * in, quarter, result + o, stride);
  }
  for (std::int64_t o = kTileOutputs * quarter; o < weight.out; ++o) {
    Outputs<Form, 1>(x, rows, in, data + o * in, 1, result + o, stride);
  }
}

template <class Form>
HWY_INLINE void Widen(const WeightRows& weight, float* out) {
  const Floats tag;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(tag));
  const auto* data = static_cast<const typename Form::Stored*>(weight.data);
  const std::int64_t count = weight.out * weight.in;
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(Form::Load(data + i), tag, out + i);
  if (i == count) return;
  typename Form::Stored end[kMostLanes];
  float widened[kMostLanes];
  CopyEnd(data + i, count - i, end);
  hn::StoreU(Form::Load(end), tag, widened);
  for (std::int64_t k = 0; i < count; ++i, ++k) out[i] = widened[k];
}

void WidenWeightRows(const WeightRows& weight, float* out) {
  switch (weight.form) {
    case WeightForm::kFloat32:
      return Widen<Float32Form>(weight, out);
    case WeightForm::kBfloat16:
      return Widen<Bfloat16Form>(weight, out);
    case WeightForm::kFloat16:
      return Widen<Float16Form>(weight, out);
    default:
      return widen_block_rows(weight, out);
  }
}

void FewRowsProduct(const float* x, std::int64_t rows, const WeightRows& weight, float* result,
                    std::int64_t stride) {
  switch (weight.form) {
    case WeightForm::kFloat32:
      return Product<Float32Form>(x, rows, weight, result, stride);
    case WeightForm::kBfloat16:
      return Product<Bfloat16Form>(x, rows, weight, result, stride);
    case WeightForm::kFloat16:
      return Product<Float16Form>(x, rows, weight, result, stride);
    default:
      return block_rows_product(x, rows, weight, result, stride);
  }
}

}  // namespace HWY_NAMESPACE
// NOLINTEND(readability-identifier-naming)
}  // namespace pressroom
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pressroom {

HWY_EXPORT(FewRowsProduct);
HWY_EXPORT(WidenWeightRows);

WeightRows WeightRows::slice(std::int64_t first, std::int64_t count) const {
  return {static_cast<const char*>(data) + first * row_bytes(form, in), form, count, in};
}

void widen_weight_rows(const WeightRows& weight, float* out) {
  HWY_DYNAMIC_DISPATCH(WidenWeightRows)(weight, out);
}

void few_rows_product(const float* x, std::int64_t rows, const WeightRows& weight, float* result,
                      std::int64_t stride) {
  HWY_DYNAMIC_DISPATCH(FewRowsProduct)(x, rows, weight, result, stride);
}

}  // namespace pressroom
#endif
