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

#include "pressroom/model_facts.h"

namespace pressroom {

// What a method needs beyond positions, token ids, keys and values. The engine computes only what
// is declared; asking a view for the rest is an Error that names the missing declaration.
struct Needs {
  std::int64_t query_window = 0;   // last queries kept for `HeadView::queries`, 0 for none
  bool keys_before_rope = false;   // HeadView::keys_before_rope, HeadView::queries_before_rope
  bool attention_input = false;    // EntriesView::attention_input
  bool output_projection = false;  // HeadView::output_projection
};

// The entries of one KV head, in ascending order of original position.
class HeadView {
 public:
  virtual ~HeadView();

  virtual std::int64_t kv_head() const = 0;
  virtual std::int64_t size() const = 0;  // T

  virtual at::Tensor positions() const = 0;  // [T] int64, original positions, ascending
  virtual at::Tensor token_ids() const = 0;  // [T] int64
  // [T,d], rotated by the positions in force: the keys attention really uses.
  virtual at::Tensor keys() const = 0;
  virtual at::Tensor values() const = 0;  // [T,d]
  // [T], the statistic of EvictionPlan::signal for each entry; the step's own query included.
  virtual at::Tensor signal() const = 0;

  // [T,d] before rotation. Needs::keys_before_rope.
  virtual at::Tensor keys_before_rope() const = 0;
  // [g,w,d], w = min(Needs::query_window, tokens seen): the last queries of this head's group,
  // oldest first, rotated. Needs::query_window.
  virtual at::Tensor queries() const = 0;
  // As `queries`, before rotation. Needs::query_window and Needs::keys_before_rope.
  virtual at::Tensor queries_before_rope() const = 0;
  // [D, g*d]: the columns of W_O that read this head's group. Needs::output_projection.
  virtual at::Tensor output_projection() const = 0;
};

// One layer at an eviction event: all its heads.
class LayerView {
 public:
  virtual ~LayerView();

  virtual std::int64_t layer() const = 0;
  virtual std::int64_t kv_heads() const = 0;                     // G
  virtual const HeadView& head(std::int64_t kv_head) const = 0;  // 0 <= kv_head < G
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
