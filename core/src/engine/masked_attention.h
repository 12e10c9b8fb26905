// Attention over entries whose lifetimes are known: each is seen by the queries between its birth
// and its death.
//
// Queries go in blocks. A block gathers the entries that any of its queries sees, makes all scores
// in one product, masks what a query may not see, and makes all outputs in another. Where nothing
// ever leaves this is dense causal attention, and memory stays linear in the number of tokens.
#pragma once

#include <cstdint>
#include <vector>

namespace pressroom {

// All tokens of one KV head, entry j of token j. Borrowed.
struct HeadTokens {
  const float* queries = nullptr;  // [g,N,d], rotated
  const float* keys = nullptr;     // [N,d], rotated
  const float* values = nullptr;   // [N,d]
  std::int64_t group = 1;          // g
  std::int64_t tokens = 0;         // N
  std::int64_t head_dim = 0;
};

// softmax(q k^T / sqrt(d)) v of every query over the entries j <= t <= deaths[j], into `out`, [N]
// rows of `out_stride` floats of which the first g * d are written. An entry always outlives its
// own step.
void attend_lifetimes(const HeadTokens& head, const std::vector<std::int32_t>& deaths, float* out,
                      std::int64_t out_stride);

}  // namespace pressroom
