#include "pressroom/window_attention.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace pressroom {

WindowAttention window_attention(const HeadView& head) {
  const at::Tensor queries = head.queries();  // [g,w,d]
  const std::int64_t group = queries.size(0);
  const std::int64_t window = queries.size(1);
  const std::int64_t width = queries.size(2);
  const std::int64_t entries = head.size();
  const double scale = 1 / std::sqrt(static_cast<double>(width));
  at::Tensor logits =
      (queries * scale).reshape({group * window, width}).mm(head.keys().t());  // [g*w,T]

  const at::Tensor held = head.positions().contiguous();
  const std::int64_t* positions = held.data_ptr<std::int64_t>();
  // Part of a cache may lack the newest token; under `cache_index` only the entries tell.
  const std::int64_t newest = std::max(positions[entries - 1], head.next_position() - 1);
  const auto seen_by = [&](std::int64_t position) {
    return std::upper_bound(positions, positions + entries, position) - positions;
  };
  WindowAttention result;
  result.older = seen_by(newest - window);
  for (std::int64_t i = 0; i < window; ++i) {
    result.visible.push_back(seen_by(newest - window + 1 + i));
  }
  float* rows = logits.data_ptr<float>();
  for (std::int64_t row = 0; row < group * window; ++row) {
    const std::int64_t seen = result.visible[static_cast<std::size_t>(row % window)];
    std::fill(rows + row * entries + seen, rows + (row + 1) * entries,
              -std::numeric_limits<float>::infinity());
  }
  result.weights = logits.softmax(1).view({group, window, entries}).mean(0);
  for (std::int64_t i = 0; i < window; ++i) {
    // A query that sees nothing: the softmax over none but -inf is NaN.
    if (result.visible[static_cast<std::size_t>(i)] == 0) result.weights.select(0, i).zero_();
  }
  return result;
}

}  // namespace pressroom
