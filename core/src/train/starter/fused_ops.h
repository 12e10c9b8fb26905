// Two operations of the Llama block with hand-written gradients: each reads its input once where
// the composition of tensor operations would pass over memory five to ten times.
//
//   at::Tensor y = rms_norm(x, weight, 1e-5);              // x [tokens, size]
//   at::Tensor r = rotate(qkv, cos, sin, length, heads);   // the first `heads` heads of each row
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

namespace pressroom {

// weight * x / sqrt(mean(x^2) + eps), row by row. Differentiable in x and weight.
at::Tensor rms_norm(const at::Tensor& x, const at::Tensor& weight, double eps);

// Rotary position embedding of the first `heads` heads in each row of x [batch * length, columns];
// further columns are copied. cos and sin are [>= length, head_dim / 2]; element i of a head is
// rotated with element i + head_dim / 2. Differentiable in x.
at::Tensor rotate(const at::Tensor& x, const at::Tensor& cos, const at::Tensor& sin,
                  std::int64_t length, std::int64_t heads);

}  // namespace pressroom
