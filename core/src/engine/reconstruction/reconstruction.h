// What a second reading of a prompt needs of its cache (KVzip, Kim et al. 2025, arXiv 2505.23416):
// the model reads the prompt, is asked to repeat it, and reads it again; what the second reading
// does not look at can go.
//
//   ContextReconstruction reading;
//   reading.between = tokenizer.encode("\n\nRepeat the previous context exactly.", Special::kNone);
//   at::Tensor scores = reconstruction_scores(model, prompt, reading);   // [L,G,P]
//
// A long prompt is read again in chunks, each after the whole first reading and nothing else:
//
//   chunk 0      between, ids [0, 2048)
//   chunk c > 0  between_later, the last 8 ids of chunk c - 1, ids [2048 c, 2048 (c + 1))
//
// all at the positions that follow the prompt. Hidden states come from attention over everything
// before, as in any forward pass. The scores of a chunk's tokens come from a softmax over fewer:
// the first 4 tokens of the prompt, the chunk's own tokens, and the second reading so far. So the
// scores of a token do not shrink as the prompt grows. A prompt of one chunk has but one softmax.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "model/model.h"
#include "pressroom/cache_view.h"
#include "protocol/kv_dtype.h"

namespace pressroom {

// What is usually put between, and before later chunks.
inline constexpr const char* kRepeatPrompt = "\n\nRepeat the previous context exactly.";
inline constexpr const char* kRepeatLaterPrompt =
    "\n\nRepeat the part of the previous context exactly, starting with";

struct ContextReconstruction {
  Reconstruction kind = Reconstruction::kAttention;
  std::vector<std::int64_t> between;        // ids before the first chunk; may be empty
  std::vector<std::int64_t> between_later;  // ids before the later ones; empty: `between`
  std::int64_t chunk_tokens = 2048;
  std::int64_t first_tokens = 4;  // of the prompt, in the softmax of every chunk
  // Whether the queries of what stands before a chunk count too, as they do in KVzip; the targets
  // of KVzap are made without.
  bool counts_between = true;
  KvDtype kv_dtype = KvDtype::kFloat32;  // that keys and values are rounded to, once rotated
};

// A layer as soon as it is done: `inputs` [P,D], its attention inputs in the first reading, and
// `scores` [G,P], both float32 in host memory.
using ReadingObserver =
    std::function<void(std::int64_t layer, const at::Tensor& inputs, const at::Tensor& scores)>;

// [L,G,P] float32: for each token of `prompt`, of all queries of the second reading of its chunk
// and all query heads of the group, the largest
//
//   a_it                       kAttention
//   a_it |W_O v_t| / |x_i|     kContribution: W_O of the query head, x_i the attention input
//
// Heads are shared among product_thread_count() threads; the answer does not depend on it. Memory
// is linear in P: two rows of a forward pass a token. Positions go up to twice the prompt's;
// whether the model was made for them is the caller's to check. Throws Error when prompt and second
// reading do not fit into the model's sliding window; what `observer` throws passes.
at::Tensor reconstruction_scores(const Model& model, const std::vector<std::int64_t>& prompt,
                                 const ContextReconstruction& reading,
                                 const ReadingObserver& observer = {});

// The inner part (reconstruction_scores.cpp): how much the queries of one chunk lean on each of its
// tokens. One KV head, all rotated; borrowed.
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
