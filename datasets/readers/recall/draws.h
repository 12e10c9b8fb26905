// Draws by a key, for readers that make their documents.
//
//   names[draw(key, names.size())];
#pragma once

#include <cstddef>

#include "pressroom/random.h"

namespace pressroom {

// One of `count` things.
inline std::size_t draw(RandomKey key, std::size_t count) {
  return static_cast<std::size_t>(key.uniform() * static_cast<double>(count));
}

}  // namespace pressroom
