// Random projections, for methods that look at a few random directions in place of all channels.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "pressroom/random.h"

namespace pressroom {

// [rows,columns] float32 of independent normal numbers of mean 0 and variance 1 / columns, so that
// x S has the squared length of x on average. A function of the key alone.
at::Tensor gaussian_sketch(std::int64_t rows, std::int64_t columns, const RandomKey& key);

}  // namespace pressroom
