// The inner loop of the Kullback-Leibler divergence, vectorised for the processor that runs it.
#pragma once

#include <cstdint>

namespace pressroom {

// With a = p - largest_p and b = q - largest_q.
struct DivergenceSums {
  float p = 0;         // sum of exp(a)
  float q = 0;         // sum of exp(b)
  float weighted = 0;  // sum of exp(a) (a - b)
};

// Over `count` logits of each, in float32; `largest_p` and `largest_q` are at least as large as any
// of theirs.
DivergenceSums divergence_sums(const float* p, float largest_p, const float* q, float largest_q,
                               std::int64_t count);

}  // namespace pressroom
