// Attention over the entries of one KV head, in host memory, of many queries at once; that of one
// new token is in engine/attention/token_attention.h.
//
// Many queries at once need to know when each entry leaves; each is seen by the queries between its
// birth and its death. Queries go in blocks. A block gathers the entries that any of its queries
// sees, makes all scores in one product, masks what a query may not see, and makes all outputs in
// another. Where nothing ever leaves this is dense causal attention, and memory stays linear in the
// number of tokens.
//
// The inner loops are in engine/attention/attention_kernels.h; the same for all KV heads of a layer
// at once, on any device, is in engine/attention/layer_tensors.h.
#pragma once

#include <cstdint>
#include <vector>

namespace pressroom {

// The entries of one KV head, oldest first, and the queries of the last n of them: query i belongs
// to entry P + i, where P entries were there before. Borrowed.
struct HeadTokens {
  const float* queries = nullptr;  // [g,n,d], rotated
  const float* keys = nullptr;     // [P+n,d], rotated
  const float* values = nullptr;   // [P+n,d]
  std::int64_t group = 1;          // g
  std::int64_t past = 0;           // P
  std::int64_t tokens = 0;         // n
  std::int64_t head_dim = 0;
  // [P+n]; where not null, the attention each entry receives is added to it, summed over the group
  // and over all queries, or of the last query alone.
  float* attention = nullptr;
  bool of_last_query = false;
};

// Queries [begin, end) of a head; different ranges may be attended at the same time.
struct QueryRange {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

// softmax(q k^T / sqrt(d)) v of every query P + i over the entries j <= P + i <= evicted_after[j],
// for the i of `range`, into row i of `out`, [n] rows of `out_stride` floats of which the first g *
// d are written. An empty `evicted_after` stands for entries that never leave; an entry always
// outlives its own query. Throws Error when weights do not add up to 1 (looked at once in each
// block).
void attend_lifetimes(const HeadTokens& head, const std::vector<std::int32_t>& evicted_after,
                      const QueryRange& range, float* out, std::int64_t out_stride);

}  // namespace pressroom
