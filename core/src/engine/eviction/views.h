// The engine's side of pressroom/cache_view.h: what a policy looks at. Views over a LayerState copy
// what has to be rotated or widened, positions and ids, and the model's W_O, and nothing else.
//
//   CachedHeadView      one KV head
//   MergedHeadView      several that share their entries, as one
//   GroupedLayerView    a layer of such views, for policies that couple heads
//   TokenRowsView       tokens as they enter, for scores given at birth
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "engine/cache/layer_setup.h"
#include "engine/eviction/layer_state.h"
#include "pressroom/cache_view.h"

namespace pressroom {

// Throws Error for a method that asks a view for `what` without having `declared` the `need` for
// it.
void require(bool declared, const char* what, const char* need);

// Head `index` of the range that `layer` is about.
class CachedHeadView final : public HeadView {
 public:
  CachedHeadView(const LayerState& layer, std::int64_t index)
      : layer_(layer), head_(layer.heads()[index]), index_(index) {}

  std::int64_t kv_head() const override { return layer_.first_head() + index_; }
  std::int64_t size() const override { return head_.size(); }
  std::int64_t next_position() const override;
  at::Tensor tensor(Quantity quantity) const override;

 private:
  at::Tensor vectors(const StoredRows& rows) const;
  at::Tensor rotated_keys() const;
  at::Tensor collected_signal() const;
  at::Tensor unrotated_keys() const;
  at::Tensor rotated_queries() const;
  at::Tensor mean_of_queries() const;
  at::Tensor covariance_of_queries() const;
  at::Tensor held_inputs() const;
  at::Tensor columns_of_w_o() const;
  at::Tensor last_queries() const;

  const LayerState& layer_;
  const HeadCache& head_;
  std::int64_t index_;
};

// Tokens as they enter. The rotated keys of a head are [n,d], those of the next one begin
// `head_stride` floats after them.
class TokenRowsView final : public EntriesView {
 public:
  TokenRowsView(const LayerSetup& setup, const TokenRows& tokens, const float* rotated_keys,
                std::int64_t head_stride)
      : setup_(setup), tokens_(tokens), rotated_keys_(rotated_keys), head_stride_(head_stride) {}

  std::int64_t size() const override { return tokens_.count; }
  at::Tensor positions() const override;
  at::Tensor token_ids() const override;
  at::Tensor keys() const override;
  at::Tensor values() const override;
  at::Tensor keys_before_rope() const override;
  at::Tensor attention_input() const override;

 private:
  at::Tensor columns(std::int64_t first_head) const;

  const LayerSetup& setup_;
  const TokenRows& tokens_;
  const float* rotated_keys_;
  std::int64_t head_stride_;
};

using HeadViews = std::vector<std::unique_ptr<HeadView>>;

// The heads of `state`, which is borrowed.
HeadViews views_of(const LayerState& state);

// Heads, at least one, that hold the same entries. Positions and ids are those of the first; what
// belongs to an entry or a query head is the mean over the heads, query head by query head.
class MergedHeadView final : public HeadView {
 public:
  explicit MergedHeadView(HeadViews heads) : heads_(std::move(heads)) {}

  std::int64_t kv_head() const override { return heads_.front()->kv_head(); }
  std::int64_t size() const override { return heads_.front()->size(); }
  std::int64_t next_position() const override { return heads_.front()->next_position(); }
  at::Tensor tensor(Quantity quantity) const override;

 private:
  HeadViews heads_;
};

// A layer at an eviction event, as policies that couple heads see it. The views are borrowed.
class GroupedLayerView final : public LayerView {
 public:
  GroupedLayerView(std::int64_t layer, std::int64_t tokens_fed, std::vector<const HeadView*> views)
      : layer_(layer), tokens_fed_(tokens_fed), views_(std::move(views)) {}

  std::int64_t layer() const override { return layer_; }
  std::int64_t kv_heads() const override { return static_cast<std::int64_t>(views_.size()); }
  const HeadView& head(std::int64_t index) const override { return *views_[index]; }
  std::int64_t tokens_fed() const override { return tokens_fed_; }

 private:
  std::int64_t layer_;
  std::int64_t tokens_fed_;
  std::vector<const HeadView*> views_;
};

}  // namespace pressroom
