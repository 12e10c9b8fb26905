// One step of training the starter model: the gradient of a batch, and what the optimiser makes of
// it. Both share their work among threads, and the result depends neither on the threads' number
// nor on their speed.
//
//   ParallelGradient gradient(&net, 2);
//   Optimiser optimiser(&net, {}, 2);
//   double loss = gradient.compute(batch);   // net.gradients() now holds the gradient
//   optimiser.step(learning_rate_scale);     // clears it
#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "train/starter/llama_net.h"
#include "train/starter/sequences.h"

namespace pressroom {

// The gradient of a batch, computed by several threads that each take parts of it. The batch is cut
// into the same parts, and the parts' gradients are added in the same order, however many threads
// there are. Each part is a job for one thread, so that threads wait for each other only once a
// step - on a busy machine this is several times faster than sharing each single matrix product.
class ParallelGradient {
 public:
  // `net` must outlive this object.
  ParallelGradient(LlamaNet* net, int threads);

  // Writes d(loss)/d(parameters) to net.gradients() and returns the loss: the mean of the targets'
  // negative log likelihood in nats, weighted by batch.weights.
  double compute(const Batch& batch);

 private:
  static constexpr std::int64_t kParts = 4;

  double compute_part(std::int64_t part, const Batch& batch, double total_weight);

  LlamaNet& net_;
  int threads_;
  std::vector<LlamaNet> replicas_;  // one a part: the same weights, own gradients
};

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

// The optimiser of the starter model: orthogonalised momentum for the weight matrices of the
// blocks, AdamW for the embedding and the norms. For a matrix, the momentum's singular values are
// all set to about 1 (by a Newton-Schulz iteration, as in "Muon", K. Jordan et al. 2024), so that
// rare directions learn as fast as frequent ones.
class Optimiser {
 public:
  // `net` must outlive the optimiser. Matrices are shared among `threads` threads.
  Optimiser(LlamaNet* net, const OptimiserRecipe& recipe, int threads);

  // One update with both learning rates times `rate_scale`, after backward; clears the gradients.
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
