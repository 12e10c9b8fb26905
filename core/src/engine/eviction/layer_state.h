// One layer of one document while it runs: the caches of its KV heads, the queries of its past, and
// what happens to them when tokens pass. Serves every method under every protocol; the faster ways
// of engine/replay_layer.h must give what it gives.
//
//   LayerState state(setup, place);
//   for each step: state.feed(tokens, out, scratch); where it evicts: eviction.act(state)
//
// What leaves is decided by a LayerEviction (engine/eviction/layer_eviction.h).
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/attention/token_attention.h"
#include "engine/cache/eviction_log.h"
#include "engine/cache/head_cache.h"
#include "engine/cache/layer_setup.h"
#include "pressroom/method.h"

namespace pressroom {

// The queries of a layer's past that methods may look at: the last few of them, and the moments of
// all. Of the query heads of some KV heads of one layer, before rotation. Nothing is kept of what
// the plan does not need, and nothing is allocated once the window is full.
class QueryHistory {
 public:
  // For `query_heads` heads of `setup`, borrowed, in a document of `tokens`.
  QueryHistory(const LayerSetup& setup, std::int64_t query_heads, std::int64_t tokens);

  // Takes the queries of the token at `position`, [query_heads,d].
  void add(std::int64_t position, const float* queries);

  // Queries held: at most Needs::query_window.
  std::int64_t size() const { return size_; }
  // Query `i` (0 is the oldest held) of `head`, [d].
  const float* query(std::int64_t head, std::int64_t i) const;

  // "query_window" [w,heads,d], oldest first, and the moments where they are kept: "query_sums"
  // [heads,d] and "query_squares" [heads,d,d]. Borrowed until the next query is added.
  std::vector<StoredArray> stored();

  // Of a history without queries: makes it one of `tokens` tokens, whose queries are then written
  // to stored().
  void make_tokens(std::int64_t tokens);

  // Mean [d], and covariance [d,d] divided by the number of queries, over the queries of `head` at
  // positions not below plan.sinks; 0 while there are none.
  void mean(std::int64_t head, float* out) const;
  void covariance(std::int64_t head, float* out) const;

  // That window and moments take.
  std::int64_t bytes() const;

 private:
  void add_to_moments(const float* queries);

  std::int64_t heads_;
  std::int64_t head_dim_;
  std::int64_t capacity_;
  bool moments_;
  std::int64_t first_counted_;  // position of the first query in the moments
  std::int64_t size_ = 0;
  std::int64_t next_ = 0;        // row that the next query takes
  std::int64_t counted_ = 0;     // queries in the moments
  std::vector<float> rows_;      // [capacity,heads,d], a ring
  std::vector<double> sums_;     // [heads,d]
  std::vector<double> squares_;  // [heads,d,d]
};

// KV heads first .. first + count - 1 of a layer.
struct HeadRange {
  std::int64_t first = 0;
  std::int64_t count = 0;
};

// Where a state stands in the run.
struct LayerPlace {
  std::int64_t layer = 0;
  HeadRange heads;               // those it is about
  std::int64_t tokens = 0;       // of the document
  at::Tensor output_projection;  // W_O, [D, H*d]; only where the plan needs it
  at::Tensor attention_inputs;   // [N,D] of the whole document, where they are known in advance
};

class LayerState {
 public:
  // `setup` is borrowed.
  LayerState(const LayerSetup& setup, LayerPlace place);

  // A copy that goes on by itself, in a document of `tokens` tokens that begins alike.
  LayerState fork(std::int64_t tokens) const;

  // Appends the entries of the tokens and attends - each token to the cache and to the tokens
  // before it - into `out`, [n,H*d], where it writes the columns of its own heads, and updates the
  // statistics. On up to product_thread_count() threads; for a single token nothing is allocated
  // but where a cache grows.
  void feed(const TokenRows& tokens, float* out, AttentionScratch& scratch);

  // Drops the entries at `indices` (ascending) of head `index` of the range, after the newest
  // query. `ranks` [T] by which they left; empty where they had none.
  void drop(std::int64_t index, const std::vector<std::int64_t>& indices,
            const std::vector<float>& ranks);

  // Sets these channels of all keys held by head `index` to 0.
  void zero_channels(std::int64_t index, const std::vector<std::int64_t>& channels);

  // What the layer holds, in the order in which it can be written back: the entries, those of head
  // 0 before those of head 1; the queries; and where the plan needs them, "attention_inputs" [n,D]
  // of the tokens that some head holds. Named "layers.3.keys". Borrowed until the next call that
  // changes the layer; the caches of all layers lie in host memory.
  std::vector<StoredArray> stored_entries();
  std::vector<StoredArray> stored_queries();
  std::vector<StoredArray> stored_inputs();  // after the entries have been written back

  // Of a state that was fed nothing: makes it one of `tokens` tokens whose heads hold as many
  // entries as `entries` says [G], for stored_...() to be written to.
  void make_entries(const std::vector<std::int64_t>& entries, std::int64_t tokens);

  // Afterwards. Throws Error, naming the head, where entries are not tokens of `ids`, ascending.
  // When an entry left that is not held is no longer known: its log says with the last token.
  void settle_entries(const std::vector<std::int64_t>& ids);

  // What is had from the allocator: for entries, the attention inputs of all tokens among it where
  // the plan needs them; and beside them, for the queries of the past and for when entries left.
  std::int64_t allocated_bytes() const;
  std::int64_t beside_bytes() const;

  const std::vector<HeadCache>& heads() const { return heads_; }
  const std::vector<EvictionLog>& evictions() const { return evictions_; }
  const LayerSetup& setup() const { return setup_; }
  const LayerPlace& place() const { return place_; }
  std::int64_t first_head() const { return place_.heads.first; }
  const QueryHistory& queries() const { return queries_; }
  // [N,D], rows of the tokens fed so far; where the plan needs them.
  const at::Tensor& attention_inputs() const { return place_.attention_inputs; }
  std::int64_t last_position() const { return last_position_; }
  std::int64_t tokens_fed() const { return tokens_fed_; }
  // "layer 3, kv head 1, step 40", for head `index` of the range.
  std::string where(std::int64_t index) const;

 private:
  std::vector<StoredArray> of_this_layer(std::vector<StoredArray> arrays) const;
  void remember(const TokenRows& tokens);
  void append(const TokenRows& tokens);
  void rotate_queries(std::int64_t index, const TokenRows& tokens, float* out) const;
  float* statistic_of(std::int64_t index);
  void attend_token(const TokenRows& token, float* out, AttentionScratch& scratch);
  void attend_block(std::int64_t index, const TokenRows& tokens, float* out);

  const LayerSetup& setup_;
  LayerPlace place_;
  bool owns_inputs_ = false;
  std::vector<HeadCache> heads_;
  std::vector<EvictionLog> evictions_;
  QueryHistory queries_;
  std::vector<float> rotated_keys_;  // [d], of the token that enters
  std::int64_t last_position_ = -1;
  std::int64_t tokens_fed_ = 0;
};

}  // namespace pressroom
