#include "train/starter/parallel_gradient.h"

#include "train/parallel_jobs.h"

namespace pressroom {

ParallelGradient::ParallelGradient(LlamaNet* net, int threads) : net_(*net), threads_(threads) {
  for (std::int64_t p = 0; p < kParts; ++p) replicas_.push_back(net->replica());
}

double ParallelGradient::compute(const Batch& batch) {
  const double total_weight = batch.weights.sum(at::kDouble).item<double>();
  std::vector<double> losses(kParts, 0.0);
  run_jobs(threads_, kParts, [&](std::int64_t part) {
    losses[static_cast<std::size_t>(part)] = compute_part(part, batch, total_weight);
  });
  at::Tensor& sum = net_.gradients();
  at::add_out(sum, replicas_[0].gradients(), replicas_[1].gradients());
  for (std::size_t p = 2; p < replicas_.size(); ++p) sum.add_(replicas_[p].gradients());
  double loss = 0;
  for (const double part : losses) loss += part;
  return loss;
}

double ParallelGradient::compute_part(std::int64_t part, const Batch& batch, double total_weight) {
  LlamaNet& net = replicas_[static_cast<std::size_t>(part)];
  net.gradients().zero_();
  const std::int64_t sequences = batch.ids.size(0);
  const std::int64_t begin = sequences * part / kParts, end = sequences * (part + 1) / kParts;
  if (begin == end) return 0.0;
  const at::Tensor loss = net.loss(batch.ids.narrow(0, begin, end - begin),
                                   batch.weights.narrow(0, begin, end - begin)) /
                          total_weight;
  loss.backward();
  return loss.item<double>();
}

}  // namespace pressroom
