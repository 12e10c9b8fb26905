#include "train/starter/training_step.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <cmath>

#include "engine/threads.h"
#include "model/products.h"

namespace pressroom {
namespace {

// U V^T for x = U S V^T, approximately: an odd polynomial applied five times to the singular values
// pushes all of (0, 1] to the neighbourhood of 1.
at::Tensor orthogonalised(const at::Tensor& matrix) {
  // The wide way round x x^T is the smaller of the two Gram matrices.
  const bool is_tall = matrix.size(0) > matrix.size(1);
  at::Tensor x = is_tall ? matrix.t() : matrix;
  x = x / (x.norm() + 1e-12);
  for (int i = 0; i < 5; ++i) {
    const at::Tensor a = at::mm(x, x.t());
    const at::Tensor b = at::addmm(a, a, a, -4.7750, 2.0315);
    x = at::addmm(x, b, x, 3.4445, 1.0);
  }
  return is_tall ? x.t() : x;
}

}  // namespace

ParallelGradient::ParallelGradient(LlamaNet* net, int threads) : net_(*net), threads_(threads) {
  for (std::int64_t p = 0; p < kParts; ++p) replicas_.push_back(net->replica());
}

double ParallelGradient::compute(const Batch& batch) {
  // For the sums that this thread makes itself: it may come too late to take a part, and libtorch
  // adds up in another order on several threads.
  set_product_threads(1);
  const double total_weight = batch.weights.sum(at::kDouble).item<double>();
  std::vector<double> losses(kParts, 0.0);
  run_tasks(kParts, threads_, [&](std::int64_t part) {
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

Optimiser::Optimiser(LlamaNet* net, const OptimiserRecipe& recipe, int threads)
    : net_(*net),
      recipe_(recipe),
      threads_(threads),
      momentum_(at::zeros_like(net->parameters())),
      second_moment_(at::zeros_like(net->parameters())) {}

void Optimiser::step(double rate_scale) {
  const c10::NoGradGuard no_gradient;
  set_product_threads(1);  // for clip() and update_adam(), which are this thread's alone
  ++updates_;
  clip();
  const std::vector<ParameterSlice>& slices = net_.slices();
  const std::int64_t embedding = slices[1].offset, matrices = net_.matrix_parameters();
  update_adam(0, embedding, rate_scale * recipe_.adam_rate);
  update_adam(matrices, net_.parameters().numel() - matrices, rate_scale * recipe_.adam_rate);
  const auto blocks = std::count_if(slices.begin() + 1, slices.end(),
                                    [&](const auto& slice) { return slice.offset < matrices; });
  run_tasks(blocks, threads_, [&](std::int64_t block) {
    // The guard above holds for its own thread only.
    const c10::NoGradGuard no_gradient_here;
    update_matrix(slices[static_cast<std::size_t>(block) + 1], rate_scale * recipe_.matrix_rate);
  });
  net_.gradients().zero_();
}

void Optimiser::clip() {
  const double norm = net_.gradients().norm().item<double>();
  if (norm > recipe_.clip_norm) net_.gradients().mul_(recipe_.clip_norm / norm);
}

void Optimiser::update_adam(std::int64_t offset, std::int64_t size, double rate) {
  const at::Tensor gradient = net_.gradients().narrow(0, offset, size);
  const at::Tensor mean = momentum_.narrow(0, offset, size);
  const at::Tensor square = second_moment_.narrow(0, offset, size);
  mean.mul_(recipe_.adam_beta1).add_(gradient, 1.0 - recipe_.adam_beta1);
  square.mul_(recipe_.adam_beta2).addcmul_(gradient, gradient, 1.0 - recipe_.adam_beta2);
  const auto t = static_cast<double>(updates_);
  const double mean_scale = 1.0 / (1.0 - std::pow(recipe_.adam_beta1, t));
  const double square_scale = 1.0 / (1.0 - std::pow(recipe_.adam_beta2, t));
  const at::Tensor deviation =
      square.sqrt().mul_(std::sqrt(square_scale)).add_(recipe_.adam_epsilon);
  net_.parameters().narrow(0, offset, size).addcdiv_(mean, deviation, -rate * mean_scale);
}

void Optimiser::update_matrix(const ParameterSlice& slice, double rate) {
  const std::int64_t rows = slice.shape[0], columns = slice.shape[1];
  const auto matrix = [&](at::Tensor& flat) {
    return flat.narrow(0, slice.offset, rows * columns).view({rows, columns});
  };
  const at::Tensor gradient = matrix(net_.gradients());
  const at::Tensor momentum = matrix(momentum_);
  const double keep = recipe_.matrix_momentum;
  momentum.mul_(keep).add_(gradient, 1.0 - keep);
  const at::Tensor ahead = momentum * keep + gradient * (1.0 - keep);
  const double ratio = static_cast<double>(rows) / static_cast<double>(columns);
  at::Tensor weight = matrix(net_.parameters());
  weight.mul_(1.0 - rate * recipe_.matrix_decay);
  weight.add_(orthogonalised(ahead), -rate * std::sqrt(std::max(1.0, ratio)));
}

}  // namespace pressroom
