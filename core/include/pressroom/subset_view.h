// Part of a layer's cache as a view of its own, for methods that score a part as if it were all.
//
//   const SubsetLayer chunk(layer, {indices of view 0, indices of view 1, ...});
//   std::vector<at::Tensor> scores = inner_.scores(chunk);
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "pressroom/cache_view.h"

namespace pressroom {

// The entries of `whole` at `indices` [t], ascending int64. What belongs to entries is gathered at
// each call; queries, moments and W_O are those of the whole. Borrows `whole`. Throws Error when
// asked for rotated queries under cache_index positions once entries have left: the part does not
// say where its entries stand among all.
class SubsetHead final : public HeadView {
 public:
  SubsetHead(const HeadView& whole, at::Tensor indices);

  std::int64_t kv_head() const override { return whole_.kv_head(); }
  std::int64_t size() const override { return indices_.numel(); }
  std::int64_t next_position() const override { return whole_.next_position(); }
  at::Tensor tensor(Quantity quantity) const override;

 private:
  const HeadView& whole_;
  at::Tensor indices_;
};

class SubsetLayer final : public LayerView {
 public:
  // `indices`: one for each view of `whole`, which is borrowed.
  SubsetLayer(const LayerView& whole, const std::vector<at::Tensor>& indices);

  std::int64_t layer() const override { return whole_.layer(); }
  std::int64_t kv_heads() const override { return whole_.kv_heads(); }
  const HeadView& head(std::int64_t index) const override { return heads_[index]; }
  std::int64_t tokens_fed() const override { return whole_.tokens_fed(); }

 private:
  const LayerView& whole_;
  std::vector<SubsetHead> heads_;
};

}  // namespace pressroom
