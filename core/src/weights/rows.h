// Rows of a tensor as WeightSource counts them: along the first extent.
#pragma once

#include <cstdint>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {

// A scalar is one row.
inline std::int64_t row_count(const std::vector<std::int64_t>& shape) {
  return shape.empty() ? 1 : shape[0];
}

// Elements of a row. Without meaning, but safe to ask, where there are no rows.
inline std::int64_t row_elements(const std::vector<std::int64_t>& shape) {
  std::uint64_t elements = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) elements *= static_cast<std::uint64_t>(shape[i]);
  return static_cast<std::int64_t>(elements);
}

// Asserts that rows `first` .. `first` + `count` - 1 are there.
inline void check_rows(const std::vector<std::int64_t>& shape, std::int64_t first,
                       std::int64_t count) {
  PRESSROOM_ASSERT(first >= 0 && count >= 0 && first + count <= row_count(shape));
}

}  // namespace pressroom
