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

// What a view of a head has to show, by the name of its accessor in HeadView.
enum class Quantity {
  kPositions,
  kTokenIds,
  kKeys,
  kValues,
  kSignal,
  kBirthScores,
  kKeysBeforeRope,
  kQueries,
  kQueriesBeforeRope,
  kMeanQuery,
  kQueryCovariance,
  kAttentionInputs,
  kOutputProjection,
};

// In words, for messages: "keys before rotation", "W_O".
const char* to_string(Quantity quantity);

// Whether it has a row for each entry held ([T] or [T,...]). What has none belongs to the queries
// or to the model, and is the same for every part of a cache.
bool has_row_per_entry(Quantity quantity);

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

  // Any of the tensors below: the one function that a view implements for all of them. Throws Error
  // where the method has not declared that it needs `quantity`.
  virtual at::Tensor tensor(Quantity quantity) const = 0;

  // [T] int64, original positions, ascending.
  at::Tensor positions() const { return tensor(Quantity::kPositions); }
  // [T] int64.
  at::Tensor token_ids() const { return tensor(Quantity::kTokenIds); }
  // [T,d], rotated by the positions in force: the keys attention really uses.
  at::Tensor keys() const { return tensor(Quantity::kKeys); }
  // [T,d].
  at::Tensor values() const { return tensor(Quantity::kValues); }
  // [T], the statistic of EvictionPlan::signal for each entry; the step's own query included.
  at::Tensor signal() const { return tensor(Quantity::kSignal); }
  // [T], what Policy::birth_scores gave. Where they rank, or EvictionPlan::birth_scores.
  at::Tensor birth_scores() const { return tensor(Quantity::kBirthScores); }
  // [T,d] before rotation. Needs::keys_before_rope.
  at::Tensor keys_before_rope() const { return tensor(Quantity::kKeysBeforeRope); }
  // [g,w,d], w = min(Needs::query_window, tokens seen): the last queries of this head's group,
  // oldest first, rotated. Needs::query_window.
  at::Tensor queries() const { return tensor(Quantity::kQueries); }
  // As `queries`, before rotation. Needs::query_window and Needs::keys_before_rope.
  at::Tensor queries_before_rope() const { return tensor(Quantity::kQueriesBeforeRope); }
  // [g,d], float32: mean of all queries so far of each query head, before rotation, those at
  // positions below EvictionPlan::sinks left out; 0 while there are none. Needs::query_moments.
  at::Tensor mean_query() const { return tensor(Quantity::kMeanQuery); }
  // [g,d,d]: their covariance, divided by their number. Accumulated in float64.
  at::Tensor query_covariance() const { return tensor(Quantity::kQueryCovariance); }
  // [T,D], the normalised hidden state each entry was projected from. Needs::held_inputs.
  at::Tensor attention_inputs() const { return tensor(Quantity::kAttentionInputs); }
  // [D, g*d]: the columns of W_O that read this head's group. Needs::output_projection.
  at::Tensor output_projection() const { return tensor(Quantity::kOutputProjection); }
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
