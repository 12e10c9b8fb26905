// Scores in units of their spread over a whole layer, so that two kinds of scores can be added.
#pragma once

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

namespace pressroom {

// z = (s - mean) / max(sd, 1e-6), mean and unbiased standard deviation over all entries of all
// `scores`; zeros where there are fewer than two. Accumulated in float64, returned as float32.
inline std::vector<at::Tensor> standardised(std::vector<at::Tensor> scores) {
  const at::Tensor all = at::cat(scores).to(at::kDouble);
  const double mean = all.numel() > 0 ? all.mean().item<double>() : 0;
  const double sd = all.numel() > 1 ? all.std(/*unbiased=*/true).item<double>() : 0;
  for (at::Tensor& head : scores) {
    head = ((head.to(at::kDouble) - mean) / std::max(sd, 1e-6)).to(at::kFloat);
  }
  return scores;
}

}  // namespace pressroom
