// The arithmetic of PyramidKV: what each layer keeps of a budget that falls from layer to layer.
#pragma once

#include <cmath>
#include <cstdint>
#include <numeric>
#include <vector>

namespace pressroom {

// Tokens kept in each of `layers` layers, of a context of `context_tokens`, if on average
// `kept_tokens` stay (a real number, of which the published presses make one budget a layer).
// With w = `window_tokens`: the last layer keeps min = kept / beta, the first max = 2 kept - min,
// those between on a straight line, rounded half to even; max is at most the context without the
// window. Where context >= max >= min >= w fails, all layers keep the same.
inline std::vector<std::int64_t> pyramid_budgets(std::int64_t context_tokens, double kept_tokens,
                                                 std::int64_t layers, double beta,
                                                 std::int64_t window_tokens) {
  const auto context = static_cast<double>(context_tokens);
  const auto window = static_cast<double>(window_tokens);
  double least = kept_tokens / beta;
  double most = 2 * kept_tokens - least;
  if (most >= context - window) {
    most = context - window;
    least = 2 * kept_tokens - most;
  }
  const bool is_pyramid = context >= most && most >= least && least >= window && layers > 1;
  const double step = is_pyramid ? (most - least) / static_cast<double>(layers - 1) : 0;
  const double first = is_pyramid ? most : kept_tokens;
  std::vector<std::int64_t> budgets;
  for (std::int64_t layer = 0; layer < layers; ++layer) {
    budgets.push_back(std::llrint(first - static_cast<double>(layer) * step));
  }
  return budgets;
}

// `budgets` with single tokens taken from the first layers on, until all are at most
// `total_tokens`: what rounding had put on top.
inline std::vector<std::int64_t> within(std::vector<std::int64_t> budgets,
                                        std::int64_t total_tokens) {
  std::int64_t excess =
      std::accumulate(budgets.begin(), budgets.end(), std::int64_t{0}) - total_tokens;
  for (std::size_t layer = 0; excess > 0; layer = (layer + 1) % budgets.size()) {
    budgets[layer] -= 1;
    excess -= 1;
  }
  return budgets;
}

}  // namespace pressroom
