// The inner part of a second reading (engine/reconstruction/reconstruction.h): how much the queries
// of one chunk lean on each of its tokens.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace pressroom {

// One KV head at one chunk, all rotated; borrowed.
struct ReadingHead {
  at::Tensor queries;  // [g,n,d]: those of the second reading, all that belong to the chunk
  at::Tensor keys;     // [s+c+n,d]: of the first tokens, of the chunk, of the second reading
  std::int64_t first_tokens = 0;  // s
  std::int64_t chunk_tokens = 0;  // c
  std::int64_t first_query = 0;   // queries before this one do not count
  // [n] and [g,c], factors of each query and of each token; undefined for 1.
  at::Tensor query_factors, token_factors;
};

// [c]: max over queries i and query heads h of a_hit query_factors_i token_factors_ht, for the
// tokens t of the chunk. Blocks of queries: no n x n matrix.
at::Tensor reconstruction_scores(const ReadingHead& head);

}  // namespace pressroom
