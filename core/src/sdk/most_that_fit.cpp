#include "pressroom/most_that_fit.h"

#include <algorithm>

namespace pressroom {

std::optional<std::size_t> most_that_fit(
    std::size_t least, std::size_t most, std::int64_t limit_tokens,
    const std::function<std::int64_t(std::size_t count)>& tokens_of) {
  std::size_t low = least;  // fits
  std::int64_t low_tokens = tokens_of(low);
  if (low_tokens > limit_tokens) return std::nullopt;
  std::size_t high = low;  // does not fit, once it is above low
  std::int64_t high_tokens = 0;
  while (low < most && high == low) {
    const std::size_t next = std::min(most, 2 * low + 8);
    const std::int64_t tokens = tokens_of(next);
    high = next;
    high_tokens = tokens;
    if (tokens <= limit_tokens) {
      low = next;
      low_tokens = tokens;
    }
  }
  // Records are about equally long, so a proportion is nearly right; every other time the middle,
  // as a proportion that is always a little too small would come nearer by single records.
  for (bool by_proportion = true; high - low > 1; by_proportion = !by_proportion) {
    std::size_t between = low + (high - low) / 2;
    if (by_proportion) {
      const double share = static_cast<double>(limit_tokens - low_tokens) /
                           static_cast<double>(high_tokens - low_tokens);
      const auto records = static_cast<std::size_t>(share * static_cast<double>(high - low));
      between = std::clamp(low + records, low + 1, high - 1);
    }
    const std::int64_t tokens = tokens_of(between);
    const bool fits = tokens <= limit_tokens;
    (fits ? low : high) = between;
    (fits ? low_tokens : high_tokens) = tokens;
  }
  return low;
}

}  // namespace pressroom
