// Views made of other views: one that stands for heads which share their entries, and a layer of
// given views.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "engine/eviction/layer_state.h"
#include "pressroom/cache_view.h"

namespace pressroom {

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
