// Draws by a key, for readers that make their documents.
//
//   names[draw(key, names.size())];
//   draw_distinct(key.with("places"), 40, 4);  // four of 0 ... 39, in no order
#pragma once

#include <cstddef>
#include <numeric>
#include <utility>
#include <vector>

#include "pressroom/random.h"

namespace pressroom {

// One of `count` things.
inline std::size_t draw(RandomKey key, std::size_t count) {
  return static_cast<std::size_t>(key.uniform() * static_cast<double>(count));
}

// The first `count` elements of a permutation of 0 ... n-1; `count` is at most n.
inline std::vector<std::size_t> draw_distinct(RandomKey key, std::size_t n, std::size_t count) {
  std::vector<std::size_t> all(n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (std::size_t i = 0; i < count; ++i) {
    std::swap(all[i], all[i + draw(key.with(i), n - i)]);
  }
  all.resize(count);
  return all;
}

}  // namespace pressroom
