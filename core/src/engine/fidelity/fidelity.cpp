#include "engine/fidelity/fidelity.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "engine/attention/attention_kernels.h"
#include "engine/threads.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// As many as a run scores at a time.
constexpr std::int64_t kLogitRows = 128;

// The first of the largest.
std::int64_t top1(const float* logits, std::int64_t vocabulary, float largest) {
  return std::find(logits, logits + vocabulary, largest) - logits;
}

std::string shape_of(const at::Tensor& hidden) {
  if (!hidden.defined()) return "none";
  return "[" + std::to_string(hidden.size(0)) + "," + std::to_string(hidden.size(1)) + "]";
}

void check(const at::Tensor& dense_hidden, const at::Tensor& hidden,
           const std::vector<std::int64_t>& targets) {
  if (dense_hidden.defined() && hidden.defined() && dense_hidden.sizes() == hidden.sizes() &&
      (targets.empty() || targets.back() < hidden.size(0))) {
    return;
  }
  throw Error({"a run cannot be compared with the dense run", "",
               "hidden states of the same document, kept by both",
               shape_of(dense_hidden) + " of dense, " + shape_of(hidden), ""});
}

}  // namespace

double Fidelity::mean_kl() const {
  return std::accumulate(kl_nats.begin(), kl_nats.end(), 0.0) / static_cast<double>(kl_nats.size());
}

double Fidelity::kl_percentile(std::size_t permille) const {
  std::vector<double> ascending = kl_nats;
  std::sort(ascending.begin(), ascending.end());
  return ascending[(permille * ascending.size() + 999) / 1000 - 1];
}

double Fidelity::top1_agreement() const {
  const auto same = std::count(is_same_top1.begin(), is_same_top1.end(), true);
  return static_cast<double>(same) / static_cast<double>(is_same_top1.size());
}

// sum p (ln p - ln q) = sum p (a - b) - ln sum e^a + ln sum e^b, with a and b as in DivergenceSums.
TargetFidelity compare_logits(const float* dense, const float* logits, std::int64_t vocabulary) {
  constexpr std::int64_t kStretch = 1024;
  const float largest_p = largest_of(dense, vocabulary);
  const float largest_q = largest_of(logits, vocabulary);
  double p = 0, q = 0, weighted = 0;
  for (std::int64_t begin = 0; begin < vocabulary; begin += kStretch) {
    const DivergenceSums sums = divergence_sums(dense + begin, largest_p, logits + begin, largest_q,
                                                std::min(kStretch, vocabulary - begin));
    p += sums.p;
    q += sums.q;
    weighted += sums.weighted;
  }
  return {weighted / p - std::log(p) + std::log(q),
          top1(dense, vocabulary, largest_p) == top1(logits, vocabulary, largest_q)};
}

Fidelity fidelity_of(const Model& model, const at::Tensor& dense_hidden, const at::Tensor& hidden,
                     const std::vector<std::int64_t>& targets, std::int64_t threads) {
  check(dense_hidden, hidden, targets);
  const auto count = static_cast<std::int64_t>(targets.size());
  std::vector<TargetFidelity> all(targets.size());
  run_tasks(1, threads, [&](std::int64_t) {
    const c10::InferenceMode no_gradients;
    const at::Tensor read = at::tensor(targets, at::kLong).sub(1).to(hidden.device());
    for (std::int64_t row = 0; row < count; row += kLogitRows) {
      const at::Tensor block = read.narrow(0, row, std::min(kLogitRows, count - row));
      const auto logits_of = [&](const at::Tensor& states) {
        return model.logits(states.index_select(0, block)).cpu().contiguous();
      };
      const at::Tensor dense = logits_of(dense_hidden);
      const at::Tensor logits = logits_of(hidden);
      const std::int64_t vocabulary = logits.size(1);
      const float* p = dense.data_ptr<float>();
      const float* q = logits.data_ptr<float>();
      parallel_for(block.size(0), threads, [&](std::int64_t i) {
        all[row + i] = compare_logits(p + i * vocabulary, q + i * vocabulary, vocabulary);
      });
    }
  });
  Fidelity fidelity;
  for (const TargetFidelity& target : all) {
    fidelity.kl_nats.push_back(target.kl_nats);
    fidelity.is_same_top1.push_back(target.is_same_top1);
  }
  return fidelity;
}

}  // namespace pressroom
