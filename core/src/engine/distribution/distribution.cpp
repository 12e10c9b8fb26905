#include "engine/distribution/distribution.h"

#include <algorithm>
#include <cmath>

#include "engine/attention/attention_kernels.h"

namespace pressroom {
namespace {

// Summed in float32: few enough that no digit of the whole is lost.
constexpr std::int64_t kStretch = 1024;

}  // namespace

TargetScore score_target(const float* logits, std::int64_t vocabulary, std::int64_t target) {
  TargetScore score;
  score.largest = largest_of(logits, vocabulary);
  double sum = 0;
  for (std::int64_t begin = 0; begin < vocabulary; begin += kStretch) {
    sum += sum_of_exp(logits + begin, std::min(kStretch, vocabulary - begin), score.largest);
  }
  score.log_sum = std::log(sum);
  const double logit = logits[target];
  score.nll_nats = score.log_sum + static_cast<double>(score.largest) - logit;
  score.is_top1 = logits[target] >= score.largest;
  return score;
}

// With a = logit - largest and S = sum of e^a: p = e^a / S, so that
// - sum p ln p = ln S - (sum of e^a a) / S. Both terms are at least 0: nothing cancels.
TargetDistribution distribution_of(const float* logits, std::int64_t vocabulary,
                                   std::int64_t target, const TargetScore& score) {
  double weighted = 0;
  TargetDistribution distribution;
  distribution.rank = 1;
  for (std::int64_t begin = 0; begin < vocabulary; begin += kStretch) {
    const DistributionSums sums = distribution_sums(
        logits + begin, std::min(kStretch, vocabulary - begin), score.largest, logits[target]);
    weighted += sums.weighted;
    distribution.rank += sums.larger;
  }
  distribution.target_probability = std::exp(-score.nll_nats);
  distribution.top_probability = std::exp(-score.log_sum);  // e^0 / S
  distribution.entropy_nats = score.log_sum - weighted * distribution.top_probability;
  return distribution;
}

}  // namespace pressroom
