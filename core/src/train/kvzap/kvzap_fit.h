// Fits the scorer of one layer of KVzap (Jegou and Jeblick 2026, arXiv 2601.07891): from a hidden
// state to the logarithm of what a second reading makes of the token, for each KV head.
//
//   KvzapModule scorer = fit_linear(task, 1.0);   // or fit_mlp, with one hidden layer
//   KvzapFit fit = test_fit(scorer, task);        // on rows that it has not seen
#pragma once

#include <ATen/core/Tensor.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <vector>

#include "pressroom/random.h"

namespace pressroom {

// W2 gelu(W1 x + b1) + b2 with the exact GELU, or W2 x + b2 without a hidden layer.
struct KvzapModule {
  at::Tensor hidden_weight, hidden_bias;  // [m,D], [m]; undefined: linear
  at::Tensor weight, bias;                // [G,m] or [G,D], [G]

  at::Tensor predict(const at::Tensor& x) const;  // [n,D] float32 -> [n,G]
};

// The rows of a layer, [N,D] float16 and [N,G] float32: tests, then validations, then the others.
struct KvzapTask {
  at::Tensor inputs, targets;
  std::int64_t tests = 0;
  std::int64_t validations = 0;
};

// Calls body(inputs [n,D], targets [n,G]) for rows [begin, end), a piece at a time, as `dtype`.
template <typename Body>
void for_rows(const KvzapTask& task, std::int64_t begin, std::int64_t end, at::ScalarType dtype,
              const Body& body) {
  constexpr std::int64_t kRows = 8192;  // widened at a time
  for (std::int64_t row = begin; row < end; row += kRows) {
    const std::int64_t count = std::min(kRows, end - row);
    body(task.inputs.narrow(0, row, count).to(dtype), task.targets.narrow(0, row, count).to(dtype));
  }
}

// Least squares with alpha |W|^2, the bias free, from sums in float64; of all rows but the tests.
KvzapModule fit_linear(const KvzapTask& task, double alpha);

struct KvzapMlpRecipe {
  std::int64_t hidden = 64;  // m
  std::int64_t epochs = 15;
  std::int64_t batch = 512;
  double rate = 5e-3;         // falls to 0 as a cosine
  double decay = 0.01;        // of the weights, per unit of rate
  double clip_norm = 1.0;     // of the whole gradient
  std::int64_t patience = 3;  // epochs without a better validation before it stops
};

// With one hidden layer: AdamW on the mean square, from the rows behind the validations; the
// weights of the epoch with the best validation. Inputs and targets are standardised while
// learning, and the weights made over to take them as they are. `before_batch` may throw to end it.
KvzapModule fit_mlp(
    const KvzapTask& task, const KvzapMlpRecipe& recipe, const RandomKey& random,
    const std::function<void()>& before_batch = [] {});

// Of each KV head, over the tests.
struct KvzapFit {
  std::vector<double> r2;             // squared Pearson correlation, as the paper reports
  std::vector<double> determination;  // 1 - residual sum of squares / total, which biases lower
};
KvzapFit test_fit(const KvzapModule& module, const KvzapTask& task);

}  // namespace pressroom
