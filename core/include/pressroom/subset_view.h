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
  at::Tensor positions() const override { return of(whole_.positions()); }
  at::Tensor token_ids() const override { return of(whole_.token_ids()); }
  at::Tensor keys() const override { return of(whole_.keys()); }
  at::Tensor values() const override { return of(whole_.values()); }
  at::Tensor signal() const override { return of(whole_.signal()); }
  at::Tensor birth_scores() const override { return of(whole_.birth_scores()); }
  at::Tensor keys_before_rope() const override { return of(whole_.keys_before_rope()); }
  at::Tensor queries() const override;
  at::Tensor queries_before_rope() const override { return whole_.queries_before_rope(); }
  at::Tensor mean_query() const override { return whole_.mean_query(); }
  at::Tensor query_covariance() const override { return whole_.query_covariance(); }
  at::Tensor attention_inputs() const override { return of(whole_.attention_inputs()); }
  at::Tensor output_projection() const override { return whole_.output_projection(); }

 private:
  at::Tensor of(const at::Tensor& all) const;

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
