// Attention of one new token over the entries of one KV head.
#pragma once

#include <cstdint>
#include <vector>

namespace pressroom {

// Memory one thread reuses from call to call.
struct AttentionScratch {
  std::vector<float> weights;  // at least [T]: the first query's probabilities, after attend
  std::vector<float> keys;     // [T,d], keys rotated for this step
  std::vector<float> queries;  // [g,d], queries rotated for this step
};

// softmax(q k^T / sqrt(d)) v for each of the `group` queries [g,d] over `entries` keys and values
// [T,d], into `out` [g,d]. Where `probability` is not null, [T], the probabilities are added to it,
// summed over the group.
void attend(const float* queries, std::int64_t group, const float* keys, const float* values,
            std::int64_t entries, std::int64_t head_dim, float* out, float* probability,
            AttentionScratch& scratch);

}  // namespace pressroom
