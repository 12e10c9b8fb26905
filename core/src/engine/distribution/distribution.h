// What a whole row of logits says of its target, beyond the nll that is always taken of it:
//
//   rank = 1 + tokens v of a larger logit
//   entropy = - sum over tokens v of p(v) ln p(v)
//
// and the probabilities of the target and of the likeliest token. Asked for by
// RunSettings::keep_distributions; where nobody asks, none of this is called.
//
//   const TargetScore score = score_target(logits, vocabulary, target);
//   const TargetDistribution distribution = distribution_of(logits, vocabulary, target, score);
#pragma once

#include <cstdint>

#include "pressroom/metric.h"

namespace pressroom {

// What is always taken of a target.
struct TargetScore {
  double nll_nats = 0;
  bool is_top1 = false;  // no token has a larger logit
  float largest = 0;     // of the logits
  double log_sum = 0;    // ln of the sum of exp(logits - largest), at least 0
};

// Of `target`, from the logits of the position before it, [V]. The sum of the softmax is taken in
// float32 over short stretches and in double over all of them.
TargetScore score_target(const float* logits, std::int64_t vocabulary, std::int64_t target);

// Of the same target, with `score` from score_target; its sums are taken in the same way.
TargetDistribution distribution_of(const float* logits, std::int64_t vocabulary,
                                   std::int64_t target, const TargetScore& score);

// The inner loop of distribution_of, vectorised for the processor that runs it
// (distribution_kernel.cpp).
struct DistributionSums {
  float weighted = 0;       // sum of exp(a) a with a = logit - largest, at most 0
  std::int64_t larger = 0;  // logits above `than`
};

// Over `count` logits, up to 2^23 of them; `largest` is at least as large as any.
DistributionSums distribution_sums(const float* logits, std::int64_t count, float largest,
                                   float than);

}  // namespace pressroom
