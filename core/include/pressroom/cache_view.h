// What a policy sees of the cache.
//
// An *entry* is one cached token of one KV head. Heads are ragged: after an eviction each KV head
// of a layer holds its own entries, so every view is of one head. Views are borrowed: they and the
// tensors they return are valid during the call they were passed to, alias the cache, and must not
// be written to.
//
// Shapes: G KV heads, g = H / G query heads per KV head, T entries held, n entries coming in,
// d head dim, D hidden size. All tensors are float32 on the engine's device, positions and token
// ids int64.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "pressroom/model_facts.h"

namespace pressroom {

// What a second reading of the prompt gives for each of its tokens (KVzip): after the prompt, the
// prompt again, each query seeing everything before it; the largest over those queries and over the
// query heads of the group of
enum class Reconstruction {
  kNone,
  kAttention,     // the attention a_it of query i on token t
  kContribution,  // a_it |W_O v_t| / |x_i|, x_i the query's attention input (KVzip+)
};

// What a method needs beyond positions, token ids, keys and values. The engine computes only what
// is declared; asking a view for the rest is an Error that names the missing declaration.
struct Needs {
  std::int64_t query_window = 0;   // last queries kept for `HeadView::queries`, 0 for none
  bool keys_before_rope = false;   // HeadView::keys_before_rope, HeadView::queries_before_rope
  bool query_moments = false;      // HeadView::mean_query, HeadView::query_covariance
  bool attention_input = false;    // EntriesView::attention_input
  bool held_inputs = false;        // HeadView::attention_inputs; D / G more floats an entry
  bool output_projection = false;  // HeadView::output_projection
  // PolicyContext::reconstruction. Protocol `prefill` only.
  Reconstruction reconstruction = Reconstruction::kNone;
  std::string reconstruction_prompt;  // stands between the prompt and its repetition
};

// The entries of one KV head, in ascending order of original position; where heads share their
// entries, of all of them.
class HeadView {
 public:
  virtual ~HeadView();

  virtual std::int64_t kv_head() const = 0;
  virtual std::int64_t size() const = 0;  // T
  // The position in force of the token after the newest: the number of tokens seen under
  // `original` positions, T under `cache_index`.
  virtual std::int64_t next_position() const = 0;

  virtual at::Tensor positions() const = 0;  // [T] int64, original positions, ascending
  virtual at::Tensor token_ids() const = 0;  // [T] int64
  // [T,d], rotated by the positions in force: the keys attention really uses.
  virtual at::Tensor keys() const = 0;
  virtual at::Tensor values() const = 0;  // [T,d]
  // [T], the statistic of EvictionPlan::signal for each entry; the step's own query included.
  virtual at::Tensor signal() const = 0;
  // [T], what Policy::birth_scores gave. Where they rank, or EvictionPlan::birth_scores.
  virtual at::Tensor birth_scores() const = 0;

  // [T,d] before rotation. Needs::keys_before_rope.
  virtual at::Tensor keys_before_rope() const = 0;
  // [g,w,d], w = min(Needs::query_window, tokens seen): the last queries of this head's group,
  // oldest first, rotated. Needs::query_window.
  virtual at::Tensor queries() const = 0;
  // As `queries`, before rotation. Needs::query_window and Needs::keys_before_rope.
  virtual at::Tensor queries_before_rope() const = 0;
  // [g,d], float32: mean of all queries so far of each query head, before rotation, those at
  // positions below EvictionPlan::sinks left out; 0 while there are none. Needs::query_moments.
  virtual at::Tensor mean_query() const = 0;
  // [g,d,d]: their covariance, divided by their number. Accumulated in float64.
  virtual at::Tensor query_covariance() const = 0;
  // [T,D], the normalised hidden state each entry was projected from. Needs::held_inputs.
  virtual at::Tensor attention_inputs() const = 0;
  // [D, g*d]: the columns of W_O that read this head's group. Needs::output_projection.
  virtual at::Tensor output_projection() const = 0;
};

// One layer at an eviction event: all its heads, or the one view that stands for heads that share.
class LayerView {
 public:
  virtual ~LayerView();

  virtual std::int64_t layer() const = 0;
  virtual std::int64_t kv_heads() const = 0;                   // number of views
  virtual const HeadView& head(std::int64_t index) const = 0;  // 0 <= index < kv_heads()
  // Tokens fed by the step before this event: 1, or a block's.
  virtual std::int64_t tokens_fed() const = 0;
};

// Entries at the moment they enter a layer's cache, the same tokens in every head.
class EntriesView {
 public:
  virtual ~EntriesView();

  virtual std::int64_t size() const = 0;            // n
  virtual at::Tensor positions() const = 0;         // [n] int64
  virtual at::Tensor token_ids() const = 0;         // [n] int64
  virtual at::Tensor keys() const = 0;              // [G,n,d], rotated by original position
  virtual at::Tensor values() const = 0;            // [G,n,d]
  virtual at::Tensor keys_before_rope() const = 0;  // [G,n,d]
  // [n,D], the normalised hidden state that q, k and v are projected from.
  // Needs::attention_input.
  virtual at::Tensor attention_input() const = 0;
};

}  // namespace pressroom
