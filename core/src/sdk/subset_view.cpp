#include "pressroom/subset_view.h"

#include <ATen/ATen.h>

#include <utility>

#include "pressroom/error.h"

namespace pressroom {

SubsetHead::SubsetHead(const HeadView& whole, at::Tensor indices)
    : whole_(whole), indices_(std::move(indices)) {
  PRESSROOM_ASSERT(indices_.dim() == 1 && indices_.scalar_type() == at::kLong);
}

at::Tensor SubsetHead::tensor(Quantity quantity) const {
  if (quantity == Quantity::kQueries &&
      whole_.next_position() != whole_.positions()[-1].item<std::int64_t>() + 1) {
    throw Error({"queries cannot be held against a part of the cache", "",
                 "positions: original, where a query and an entry know their distance",
                 "cache_index, after an eviction",
                 "run with original positions, or without the wrapper that looks at parts"});
  }
  const at::Tensor all = whole_.tensor(quantity);
  return has_row_per_entry(quantity) ? all.index_select(0, indices_) : all;
}

SubsetLayer::SubsetLayer(const LayerView& whole, const std::vector<at::Tensor>& indices)
    : whole_(whole) {
  PRESSROOM_ASSERT(static_cast<std::int64_t>(indices.size()) == whole.kv_heads());
  heads_.reserve(indices.size());
  for (std::size_t h = 0; h < indices.size(); ++h) {
    heads_.emplace_back(whole.head(static_cast<std::int64_t>(h)), indices[h]);
  }
}

}  // namespace pressroom
