// The gradient of a batch, computed by several threads that each take parts of it.
//
//   ParallelGradient gradient(&net, 2);
//   double loss = gradient.compute(batch);   // net.gradients() now holds the gradient
//
// The batch is cut into the same parts, and the parts' gradients are added in the same order,
// however many threads there are: the result does not depend on their number or their speed. Each
// part is a job for one thread, so that threads wait for each other only once a step - on a busy
// machine this is several times faster than sharing each single matrix product.
#pragma once

#include <vector>

#include "train/starter/llama_net.h"
#include "train/starter/sequences.h"

namespace pressroom {

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

}  // namespace pressroom
