#include "model/few_rows_blocks.h"

#include "pressroom/error.h"

// Highway compiles what follows once for each instruction set. The order of its headers matters.
// clang-format off
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "model/few_rows_blocks.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

#include "model/small_blocks-inl.h"
#include "model/super_blocks-inl.h"

HWY_BEFORE_NAMESPACE();
namespace pressroom {
// NOLINTBEGIN(readability-identifier-naming): compiled once for each processor, and named as
// Highway names such functions.
namespace HWY_NAMESPACE {

// A part of the result, kOutputs x kRows sums, of rows of the weight that lie `apart` rows from one
// another. Every sum takes the products of its row in order, lane by lane, whatever the part, and
// as model/few_rows.cpp does.
template <class Form, int kOutputs, int kRows>
HWY_INLINE void BlockTile(const float* x, const WeightRows& weight, std::int64_t first,
                          std::int64_t apart, float* result, std::int64_t stride) {
  const BlockFloats tag;
  const std::int64_t bytes = row_bytes(weight.form, weight.in);
  const auto* rows = static_cast<const std::uint8_t*>(weight.data) + first * bytes;
  BlockLanes sums[kOutputs][kRows];
  for (int o = 0; o < kOutputs; ++o) {
    for (int r = 0; r < kRows; ++r) sums[o][r] = hn::Zero(tag);
  }
  for (std::int64_t i = 0; i < weight.in; i += Form::kElements, rows += Form::kBytes) {
    typename Form::Block blocks[kOutputs];
    for (int o = 0; o < kOutputs; ++o) Form::Open(rows + o * apart * bytes, blocks[o]);
    for (int group = 0; group < Form::kElements / kGroupElements; ++group) {
      BlockLanes xs[kRows][kGroupVectors];
      for (int r = 0; r < kRows; ++r) {
        const float* at = x + r * weight.in + i + group * kGroupElements;
        for (int v = 0; v < kGroupVectors; ++v) xs[r][v] = hn::LoadU(tag, at + v * kBlockLanes);
      }
      for (int o = 0; o < kOutputs; ++o) {
        BlockLanes w[kGroupVectors];
        Form::Group(blocks[o], group, w);
        for (int v = 0; v < kGroupVectors; ++v) {
          for (int r = 0; r < kRows; ++r) sums[o][r] = hn::MulAdd(w[v], xs[r][v], sums[o][r]);
        }
      }
    }
  }
  for (int o = 0; o < kOutputs; ++o) {
    for (int r = 0; r < kRows; ++r) {
      result[r * stride + o * apart] = hn::GetLane(hn::SumOfLanes(tag, sums[o][r]));
    }
  }
}

// All rows of x with kOutputs rows of the weight, which stay in the first-level cache from one tile
// to the next. Blocks are undone once for 4 rows, or for 2 or 1 of what is left.
template <class Form, int kOutputs>
HWY_INLINE void BlockOutputs(const float* x, std::int64_t rows, const WeightRows& weight,
                             std::int64_t first, std::int64_t apart, float* result,
                             std::int64_t stride) {
  for (; rows >= 4; rows -= 4, x += 4 * weight.in, result += 4 * stride) {
    BlockTile<Form, kOutputs, 4>(x, weight, first, apart, result, stride);
  }
  if (rows >= 2) {
    BlockTile<Form, kOutputs, 2>(x, weight, first, apart, result, stride);
    rows -= 2, x += 2 * weight.in, result += 2 * stride;
  }
  if (rows == 1) BlockTile<Form, kOutputs, 1>(x, weight, first, apart, result, stride);
}

// Calls use(Form()) with the form of the weight.
template <class Use>
HWY_INLINE void WithForm(const WeightRows& weight, const Use& use) {
  switch (weight.form) {
    case WeightForm::kQ8_0:
      return use(Q8_0());
    case WeightForm::kQ4_0:
      return use(Q4_0());
    case WeightForm::kQ4_1:
      return use(Q4_1());
    case WeightForm::kQ4_K:
      return use(Q4_K());
    case WeightForm::kQ6_K:
      return use(Q6_K());
    default:
      PRESSROOM_ASSERT(false);  // a form whose blocks nobody multiplies
  }
}

void BlockRowsProduct(const float* x, std::int64_t rows, const WeightRows& weight, float* result,
                      std::int64_t stride) {
  constexpr int kOutputs = 4;  // rows of the weight that are read side by side, as in few_rows.cpp
  WithForm(weight, [&](auto form) HWY_ATTR {
    using Form = decltype(form);
    const std::int64_t quarter = weight.out / kOutputs;
    for (std::int64_t o = 0; o < quarter; ++o) {
      BlockOutputs<Form, kOutputs>(x, rows, weight, o, quarter, result + o, stride);
    }
    for (std::int64_t o = kOutputs * quarter; o < weight.out; ++o) {
      BlockOutputs<Form, 1>(x, rows, weight, o, 1, result + o, stride);
    }
  });
}

void WidenBlockRows(const WeightRows& weight, float* out) {
  WithForm(weight, [&](auto form) HWY_ATTR {
    using Form = decltype(form);
    const auto* bytes = static_cast<const std::uint8_t*>(weight.data);
    const std::int64_t count = weight.out * weight.in / Form::kElements;
    for (std::int64_t b = 0; b < count; ++b, bytes += Form::kBytes) {
      typename Form::Block block;
      Form::Open(bytes, block);
      for (int group = 0; group < Form::kElements / kGroupElements; ++group) {
        BlockLanes w[kGroupVectors];
        Form::Group(block, group, w);
        for (int v = 0; v < kGroupVectors; ++v, out += kBlockLanes) {
          hn::StoreU(w[v], BlockFloats(), out);
        }
      }
    }
  });
}

}  // namespace HWY_NAMESPACE
// NOLINTEND(readability-identifier-naming)
}  // namespace pressroom
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pressroom {

HWY_EXPORT(BlockRowsProduct);
HWY_EXPORT(WidenBlockRows);

void block_rows_product(const float* x, std::int64_t rows, const WeightRows& weight, float* result,
                        std::int64_t stride) {
  HWY_DYNAMIC_DISPATCH(BlockRowsProduct)(x, rows, weight, result, stride);
}

void widen_block_rows(const WeightRows& weight, float* out) {
  HWY_DYNAMIC_DISPATCH(WidenBlockRows)(weight, out);
}

}  // namespace pressroom
#endif
