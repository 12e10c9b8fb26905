// What one sequence holds while it is decoded: the caches of all its layers, and what decides what
// leaves them.
//
//   SequenceCaches caches(model, setup, settings, method, document, tokens);
//   for each step, for each layer: caches.attend(layer, step, rows, scratch);
#pragma once

#include <cstdint>
#include <vector>

#include "engine/eviction/layer_eviction.h"
#include "engine/eviction/layer_state.h"
#include "engine/run.h"

namespace pressroom {

// The rows of a step in one layer, those of the sequence's own tokens. In host memory; borrowed.
struct StepRows {
  float* qkv = nullptr;           // [n,(H+2G)d], before rotation
  const float* inputs = nullptr;  // [n,D], what queries, keys and values were made of
  float* attention = nullptr;     // [n,Hd], where the result goes
  // Made one by one (model/few_rows.h): equal tokens have equal rows, whichever step made them.
  bool are_alike = false;
};

class SequenceCaches {
 public:
  // Everything is borrowed. `tokens`: of the whole document; those of `document` may be fewer, and
  // grow until then. Where `is_evicted` is false no step evicts, and no policy is made: entries
  // get no scores at birth, which nothing would read. Throws Error when the method makes no policy.
  SequenceCaches(const Model& model, const LayerSetup& setup, const RunSettings& settings,
                 const Method& method, const TokenDocument& document, std::int64_t tokens,
                 bool is_evicted = true);

  // Appends the entries of the tokens of `step` to the caches of `layer`, attends, and lets leave
  // what the method says where the step evicts. Throws Error, naming the document, when it does
  // something impossible.
  void attend(std::int64_t layer, const FeedStep& step, const StepRows& rows,
              AttentionScratch& scratch);

  // Of caches that were fed nothing and evict nothing: takes up what `other` holds, whose document
  // begins with the same tokens.
  void begin_as(const SequenceCaches& other);

  // Notes rows of the first layer, [n,(H+2G)d], as those of the `count` tokens `ids`.
  void settle_first_layer(const std::int64_t* ids, std::int64_t count, float* qkv);

  // Whether a policy may know more than the caches do (Policy::keeps_state), so that others could
  // not go on in its place.
  bool policies_keep_state() const;

  // What is had beside entries: LayerState::beside_bytes() of all layers, and the rows of the first
  // layer's tokens.
  std::int64_t beside_bytes() const;

  const std::vector<LayerState>& layers() const { return layers_; }
  std::vector<LayerState>& layers() { return layers_; }
  const TokenDocument& document() const { return document_; }

 private:
  void evict(std::int64_t layer);

  const LayerSetup& setup_;
  const TokenDocument& document_;
  std::int64_t tokens_;
  std::vector<LayerState> layers_;
  std::vector<LayerEviction> evictions_;  // of each layer; none where nothing is evicted
  DistinctTokens first_layer_;
};

}  // namespace pressroom
