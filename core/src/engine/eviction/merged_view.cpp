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

at::Tensor MergedHeadView::mean(at::Tensor (HeadView::*of)() const) const {
  at::Tensor sum = ((*heads_.front()).*of)().clone();
  for (std::size_t i = 1; i < heads_.size(); ++i) sum.add_(((*heads_[i]).*of)());
  return sum.div_(static_cast<double>(heads_.size()));
}

}  // namespace pressroom
