#include "engine/scoring.h"

#include <algorithm>
#include <cmath>

#include "engine/attention_kernels.h"

namespace pressroom {

TargetScore score_target(const float* logits, std::int64_t vocabulary, std::int64_t target) {
  constexpr std::int64_t kStretch = 1024;
  const float largest = largest_of(logits, vocabulary);
  double sum = 0;
  for (std::int64_t begin = 0; begin < vocabulary; begin += kStretch) {
    sum += sum_of_exp(logits + begin, std::min(kStretch, vocabulary - begin), largest);
  }
  const double logit = logits[target];
  return {std::log(sum) + static_cast<double>(largest) - logit, logits[target] >= largest};
}

}  // namespace pressroom
