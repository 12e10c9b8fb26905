#include "pressroom/sketch.h"

#include <ATen/ATen.h>

#include <cmath>

namespace pressroom {

// Box and Muller 1958.
at::Tensor gaussian_sketch(std::int64_t rows, std::int64_t columns, const RandomKey& key) {
  constexpr double kTurn = 6.283185307179586;
  at::Tensor sketch = at::empty({rows, columns}, at::TensorOptions().dtype(at::kFloat));
  float* out = sketch.data_ptr<float>();
  const double scale = 1 / std::sqrt(static_cast<double>(columns));
  for (std::int64_t i = 0; i < rows * columns; ++i) {
    const double length = std::sqrt(-2 * std::log1p(-key.with(2 * i).uniform()));
    out[i] = static_cast<float>(scale * length * std::cos(kTurn * key.with(2 * i + 1).uniform()));
  }
  return sketch;
}

}  // namespace pressroom
