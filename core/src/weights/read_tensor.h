// Single tensors out of a checkpoint, checked.
//
//   at::Tensor norm = read_tensor(*open_weights(files), "model.norm.weight", {576});
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "weights/weight_source.h"

namespace pressroom {

// Tensor `name` of `shape` as float32, a copy. Throws Error when it is missing (naming the nearest
// name), of another shape, of an element type that is not supported, or not finite throughout.
at::Tensor read_tensor(const WeightSource& weights, const std::string& name,
                       const std::vector<std::int64_t>& shape);

// Throws Error when tensor `name` is missing or of another shape than `shape`.
void check_tensor(const WeightSource& weights, const std::string& name,
                  const std::vector<std::int64_t>& shape);

// Throws Error when one of `count` values that were read from tensor `name` is NaN or infinite,
// saying how many are.
void check_finite(const WeightSource& weights, const std::string& name, const float* values,
                  std::int64_t count);

}  // namespace pressroom
