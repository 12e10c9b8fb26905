#include "train/parallel_gradient.h"

#include <ATen/Parallel.h>
#include <dlfcn.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <thread>

namespace pressroom {
namespace {

// OpenBLAS keeps its own threads, which libtorch does not know of.
void use_one_thread_a_product() {
  using SetThreads = void (*)(int);
  const auto set = reinterpret_cast<SetThreads>(dlsym(RTLD_DEFAULT, "openblas_set_num_threads"));
  if (set != nullptr) set(1);
}

}  // namespace

ParallelGradient::ParallelGradient(LlamaNet* net, int threads)
    : net_(*net), threads_(std::max(1, threads)) {
  use_one_thread_a_product();
  for (std::int64_t p = 0; p < kParts; ++p) replicas_.push_back(net->replica());
}

double ParallelGradient::compute(const Batch& batch) {
  const double total_weight = batch.weights.sum(at::kDouble).item<double>();
  std::vector<double> losses(kParts, 0.0);
  std::vector<std::exception_ptr> failures(static_cast<std::size_t>(threads_));
  std::atomic<std::int64_t> next{0};
  const auto work = [&](std::size_t worker) {
    try {
      at::set_num_threads(1);
      for (std::int64_t part = next++; part < kParts; part = next++) {
        losses[static_cast<std::size_t>(part)] = compute_part(part, batch, total_weight);
      }
    } catch (...) {
      failures[worker] = std::current_exception();
    }
  };
  std::vector<std::thread> helpers;
  for (std::size_t w = 1; w < failures.size(); ++w) helpers.emplace_back(work, w);
  work(0);
  for (std::thread& helper : helpers) helper.join();
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
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
