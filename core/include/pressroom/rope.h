// Rotary position embedding in tensors, for methods that turn vectors themselves.
//
// Channels i and i + r/2 of the first r channels are a pair that turns by position * omega_i;
// channels from r on are left alone.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "pressroom/model_facts.h"

namespace pressroom {

// `x` [...,n,d] with row i turned to `positions` [n] int64 (or, for n = 1, one position for all).
// Angles in float64.
at::Tensor rotated(const at::Tensor& x, const at::Tensor& positions, const ModelFacts& model);

// [d,d] float32: the mean of the rotations by the positions first, ..., first + count - 1. Not a
// rotation itself. R x turns a vector x by it.
at::Tensor mean_rotation(std::int64_t first, std::int64_t count, const ModelFacts& model);

}  // namespace pressroom
