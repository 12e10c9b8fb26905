// From logits to the score of a target.
#pragma once

#include <cstdint>

namespace pressroom {

struct TargetScore {
  double nll_nats = 0;
  bool is_top1 = false;  // no token has a larger logit
};

// Of `target`, from the logits of the position before it, [V]. The sum of the softmax is taken in
// float32 over short stretches and in double over all of them.
TargetScore score_target(const float* logits, std::int64_t vocabulary, std::int64_t target);

}  // namespace pressroom
