#include "trace/held_set.h"

#include <cstddef>

namespace pressroom {

HeldSet::HeldSet(std::int64_t tokens) : sums_(static_cast<std::size_t>(tokens) + 1, 0) {
  for (std::int64_t i = 1; i <= tokens; ++i) sums_[i] = static_cast<std::int32_t>(i & -i);
}

std::int64_t HeldSet::older(std::int64_t position) const {
  std::int64_t count = 0;
  for (std::int64_t i = position; i > 0; i -= i & -i) count += sums_[i];
  return count;
}

std::int64_t HeldSet::at_rank(std::int64_t rank) const {
  const auto tokens = static_cast<std::int64_t>(sums_.size()) - 1;
  std::int64_t left = size() - 1 - rank;  // older entries to pass over
  // The longest prefix with at most `left` entries ends before the entry looked for.
  std::int64_t stride = 1;
  while (2 * stride <= tokens) stride *= 2;
  std::int64_t passed = 0;
  for (; stride > 0; stride /= 2) {
    if (passed + stride > tokens || sums_[passed + stride] > left) continue;
    passed += stride;
    left -= sums_[passed];
  }
  return passed;
}

void HeldSet::remove(std::int64_t position) {
  ++removed_;
  for (std::int64_t i = position + 1; i < static_cast<std::int64_t>(sums_.size()); i += i & -i) {
    --sums_[i];
  }
}

}  // namespace pressroom
