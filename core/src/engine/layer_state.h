// One layer of one document while it is decoded: the caches of its KV heads, the policy, and what
// happens to them when a token passes.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "cache/head_cache.h"
#include "engine/attention.h"
#include "model/rotary.h"
#include "pressroom/method.h"

namespace pressroom {

// What all layers of a cell have in common. Outlives every LayerState.
struct LayerSetup {
  ModelFacts model;
  EvictionPlan plan;
  std::int64_t budget_tokens = 0;
  std::int64_t context_tokens = 0;
  Positions positions = Positions::kOriginal;
  const RotaryTable* rotary = nullptr;

  EntryLayout entry_layout() const;
};

// One token on its way through a layer. Pointers are borrowed; nothing is rotated yet.
struct TokenInput {
  std::int64_t position = 0;
  std::int64_t token_id = 0;
  const float* queries = nullptr;          // [H,d]
  const float* keys = nullptr;             // [G,d]
  const float* values = nullptr;           // [G,d]
  const float* attention_input = nullptr;  // [D]
};

class LayerState {
 public:
  // `output_projection` is W_O, [D, H*d]. The policy is this layer's own.
  LayerState(const LayerSetup& setup, std::int64_t layer, std::unique_ptr<Policy> policy,
             at::Tensor output_projection);

  // Appends the token's entries, attends ([H,d] into `out`), updates the statistics and evicts.
  // Throws Error when the policy does something impossible.
  void step(const TokenInput& token, float* out, AttentionScratch& scratch);

  const std::vector<HeadCache>& heads() const { return heads_; }
  const LayerSetup& setup() const { return setup_; }
  std::int64_t layer() const { return layer_; }
  const at::Tensor& output_projection() const { return output_projection_; }
  // The last queries, oldest first, [H,d] each, before rotation.
  const std::deque<std::vector<float>>& recent_queries() const { return recent_queries_; }
  std::int64_t last_position() const { return last_position_; }

 private:
  void append(const TokenInput& token);
  void attend_head(std::int64_t kv_head, const float* queries, float* out,
                   AttentionScratch& scratch);
  void evict();
  std::vector<std::int64_t> leaving(std::int64_t kv_head);
  // What `call`, which enters the policy, returns; what it throws becomes an Error with the place.
  template <typename Call>
  auto ask(std::int64_t kv_head, const char* doing, Call&& call) const -> decltype(call());
  std::string where(std::int64_t kv_head) const;

  const LayerSetup& setup_;
  std::int64_t layer_;
  std::unique_ptr<Policy> policy_;
  at::Tensor output_projection_;
  std::vector<HeadCache> heads_;
  std::deque<std::vector<float>> recent_queries_;
  std::vector<float> rotated_keys_;  // [G,d] of the newest token
  std::vector<float> scores_;        // [T], of the head being ranked
  std::int64_t last_position_ = -1;
};

}  // namespace pressroom
