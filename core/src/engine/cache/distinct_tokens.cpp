#include "engine/cache/distinct_tokens.h"

#include <algorithm>

namespace pressroom {

void DistinctTokens::settle(const std::vector<std::int64_t>& ids, float* qkv, std::int64_t width) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    float* row = qkv + static_cast<std::int64_t>(i) * width;
    const auto [known, is_new] = rows_.try_emplace(ids[i]);
    if (is_new) {
      known->second.assign(row, row + width);
    } else {
      std::copy(known->second.begin(), known->second.end(), row);
    }
  }
}

}  // namespace pressroom
