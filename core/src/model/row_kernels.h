// What a forward pass does to a row between its products: norms and activations, vectorised for the
// processor that runs them (Highway, chosen at run time). Beside products of a few rows, which run
// at the speed of the memory, plain loops over these would be a tenth of a step and more.
//
//   rms_norm(x, 576, weight, 1e-5, normed);
//   activate(Activation::kSilu, gate, up, 1536, out);   // silu(gate) * up
//
// A row's numbers depend on that row alone. Sums are float32, one for each lane of a vector.
#pragma once

#include <cstdint>

#include "model/description.h"

namespace pressroom {

// out[i] = x[i] / sqrt(mean(x^2) + epsilon) * weight[i] (Zhang and Sennrich 2019, arXiv
// 1910.07467). `out` may be `x`.
void rms_norm(const float* x, std::int64_t width, const float* weight, double epsilon, float* out);

// out[i] = (x[i] - mean) / sqrt(variance + epsilon) * weight[i] + bias[i] (Ba et al. 2016, arXiv
// 1607.06450), the variance divided by `width`. `bias` may be null; `out` may be `x`.
void layer_norm(const float* x, std::int64_t width, const float* weight, const float* bias,
                double epsilon, float* out);

// out[i] = f(x[i]) * factor[i], or f(x[i]) where `factor` is null. `out` may be either.
void activate(Activation activation, const float* x, const float* factor, std::int64_t count,
              float* out);

// sum[i] += more[i].
void add_to(const float* more, std::int64_t count, float* sum);

}  // namespace pressroom
