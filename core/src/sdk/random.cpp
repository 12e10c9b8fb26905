#include "pressroom/random.h"

#include <numeric>

#include "pressroom/error.h"

namespace pressroom {

std::vector<std::size_t> draw_distinct(RandomKey key, std::size_t n, std::size_t count) {
  PRESSROOM_ASSERT(count <= n);
  std::vector<std::size_t> all(n);
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (std::size_t i = 0; i < count; ++i) std::swap(all[i], all[i + key.with(i).below(n - i)]);
  all.resize(count);
  return all;
}

}  // namespace pressroom
