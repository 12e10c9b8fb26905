#include "engine/eviction/merged_view.h"

#include <ATen/ATen.h>

#include "engine/eviction/views.h"

namespace pressroom {

HeadViews views_of(const LayerState& state) {
  HeadViews views;
  const auto heads = static_cast<std::int64_t>(state.heads().size());
  for (std::int64_t index = 0; index < heads; ++index) {
    views.push_back(std::make_unique<CachedHeadView>(state, index));
  }
  return views;
}

at::Tensor MergedHeadView::tensor(Quantity quantity) const {
  const at::Tensor first = heads_.front()->tensor(quantity);
  // The same in all heads, and whole numbers: a mean of them is none.
  if (quantity == Quantity::kPositions || quantity == Quantity::kTokenIds) return first;
  at::Tensor sum = first.clone();
  for (std::size_t i = 1; i < heads_.size(); ++i) sum.add_(heads_[i]->tensor(quantity));
  return sum.div_(static_cast<double>(heads_.size()));
}

}  // namespace pressroom
