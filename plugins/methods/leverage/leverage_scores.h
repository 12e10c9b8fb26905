// Approximate leverage scores of keys: how far each key sticks out of the space the others span.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "pressroom/error.h"
#include "pressroom/method.h"
#include "pressroom/sketch.h"

namespace pressroom {

// The sketch [d,k] of each KV head of the context's layer, with k `columns`.
inline std::vector<at::Tensor> leverage_sketches(const PolicyContext& context,
                                                 std::int64_t columns) {
  std::vector<at::Tensor> sketches;
  for (std::int64_t head = 0; head < context.model.kv_heads; ++head) {
    const RandomKey key = context.random.with("leverage").with(head);
    sketches.push_back(gaussian_sketch(context.model.head_dim, columns, key));
  }
  return sketches;
}

// The lower Cholesky factor of `gram` + lambda I [k,k], lambda the first of 0.01, 0.1, ..., 100
// with which there is one. Throws Error where there is none, which finite keys do not bring about.
inline at::Tensor ridge_factor(const at::Tensor& gram) {
  const at::Tensor identity = at::eye(gram.size(0), gram.options());
  double ridge = 0.01;
  for (int attempt = 0; attempt < 5; ++attempt, ridge *= 10) {
    const auto [factor, info] = at::linalg_cholesky_ex(gram + ridge * identity);
    if (info.item<std::int64_t>() == 0) return factor;
  }
  throw Error({"the keys' Gram matrix has no Cholesky factor", "", "finite keys",
               "ridges up to 100 did not help", "check the model's weights"});
}

// [T] float64. With the centred keys K - mean(K) [T,d], `keys` before rotation, and `sketch` S
// [d,k]: X = (K - mean(K)) S, and s_j = x_j' (X'X + lambda I)^-1 x_j, in [0, 1).
inline at::Tensor leverage_scores(const at::Tensor& keys, const at::Tensor& sketch) {
  const at::Tensor wide = keys.to(at::kDouble);
  const at::Tensor x = (wide - wide.mean(0, /*keepdim=*/true)).mm(sketch.to(at::kDouble));  // [T,k]
  const at::Tensor factor = ridge_factor(x.t().mm(x));
  const at::Tensor y = at::linalg_solve_triangular(factor, x.t(), /*upper=*/false);  // [k,T]
  return y.square().sum(0);
}

}  // namespace pressroom
