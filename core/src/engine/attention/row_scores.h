// Scores of queries against keys that lie as rows, as a HeadCache holds them; vectorised for the
// processor that runs them (engine/attention/attention_kernels.h).
#pragma once

#include <cstdint>

namespace pressroom {

// scores[h,j] = scale * q[h] . k[j] for `group` queries [g,d] and `count` keys [count,d], into rows
// of `stride` floats. `head_dim` is a multiple of kVectorPadding. Equal keys get equal scores, bit
// for bit, wherever they lie.
void row_scores(const float* queries, std::int64_t group, std::int64_t head_dim, const float* keys,
                std::int64_t count, float scale, float* scores, std::int64_t stride);

}  // namespace pressroom
