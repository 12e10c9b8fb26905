// The optimiser of the starter model: orthogonalised momentum for the weight matrices of the
// blocks, AdamW for the embedding and the norms.
//
//   Optimiser optimiser(&net, {}, 2);
//   optimiser.step(learning_rate_scale);   // after backward; clears the gradients
//
// For a matrix, the momentum's singular values are all set to about 1 (by a Newton-Schulz
// iteration, as in "Muon", K. Jordan et al. 2024), so that rare directions learn as fast as
// frequent ones.
#pragma once

#include <ATen/ATen.h>

#include <cstdint>

#include "train/starter/llama_net.h"

namespace pressroom {

struct OptimiserRecipe {
  double matrix_rate = 0.02;
  double matrix_momentum = 0.95;
  double matrix_decay = 0.05;  // of the weights, per unit of learning rate
  double adam_rate = 3e-3;
  double adam_beta1 = 0.9;
  double adam_beta2 = 0.98;
  double adam_epsilon = 1e-8;
  double clip_norm = 1.0;  // of the whole gradient
};

class Optimiser {
 public:
  // `net` must outlive the optimiser. Matrices are shared among `threads` threads; the result does
  // not depend on their number.
  Optimiser(LlamaNet* net, const OptimiserRecipe& recipe, int threads);

  // One update with both learning rates times `rate_scale`.
  void step(double rate_scale);

  // What a checkpoint has to hold beside the parameters: flat vectors of their size, and the count.
  at::Tensor& momentum() { return momentum_; }
  at::Tensor& second_moment() { return second_moment_; }
  std::int64_t& updates() { return updates_; }

 private:
  void clip();
  void update_adam(std::int64_t offset, std::int64_t size, double rate);
  void update_matrix(const ParameterSlice& slice, double rate);

  LlamaNet& net_;
  OptimiserRecipe recipe_;
  int threads_;
  at::Tensor momentum_, second_moment_;
  std::int64_t updates_ = 0;
};

}  // namespace pressroom
