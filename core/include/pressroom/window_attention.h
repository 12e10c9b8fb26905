// What the last queries look at: the vote of an observation window, which SnapKV, FINCH and others
// rank by.
//
//   const WindowAttention window = window_attention(head);
//   const at::Tensor votes = window.weights.mean(0);  // [T]
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "pressroom/cache_view.h"

namespace pressroom {

struct WindowAttention {
  // [w,T] float32: softmax of q k / sqrt(d) over the entries that query i may see, those no newer
  // than itself, 0 elsewhere; the mean over the query heads of the group.
  at::Tensor weights;
  // [w]: how many entries query i sees, its own included.
  std::vector<std::int64_t> visible;
  // Entries older than the first of the queries: the last T - older belong to the window.
  std::int64_t older = 0;
};

// Of the w = min(Needs::query_window, tokens seen) last queries, against the entries held now. What
// a query sees is told by original positions, so any entries may be missing.
WindowAttention window_attention(const HeadView& head);

}  // namespace pressroom
