// One layer of one document while it runs: the caches of its KV heads, the policy, and what happens
// to them when tokens pass. Serves every method under every protocol; the faster ways of
// engine/replay_layer.h must give what it gives.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "cache/head_cache.h"
#include "engine/attention.h"
#include "engine/departures.h"
#include "engine/layer_setup.h"
#include "pressroom/method.h"

namespace pressroom {

class LayerState {
 public:
  // `output_projection` is W_O, [D, H*d]. The policy is this layer's own. `tokens`: of the
  // document.
  LayerState(const LayerSetup& setup, std::int64_t layer, std::int64_t tokens,
             std::unique_ptr<Policy> policy, at::Tensor output_projection);

  // Appends the entries of the tokens, attends - each token to the cache and to the tokens before
  // it, into `out` [n,H*d] - and updates the statistics. Throws Error when the policy does
  // something impossible.
  void feed(const TokenRows& tokens, float* out, AttentionScratch& scratch);

  // An eviction event. Throws Error when the policy does something impossible.
  void evict();

  const std::vector<HeadCache>& heads() const { return heads_; }
  const std::vector<Departures>& departures() const { return departures_; }
  const LayerSetup& setup() const { return setup_; }
  std::int64_t layer() const { return layer_; }
  const at::Tensor& output_projection() const { return output_projection_; }
  // The last queries, oldest first, [H,d] each, before rotation.
  const std::deque<std::vector<float>>& recent_queries() const { return recent_queries_; }
  std::int64_t last_position() const { return last_position_; }

 private:
  void remember_queries(const TokenRows& tokens);
  void append(const TokenRows& tokens);
  void attend_head(std::int64_t kv_head, const TokenRows& tokens, float* out,
                   AttentionScratch& scratch);
  void evict_lowest(std::int64_t kv_head);
  void evict_all_but_kept();
  std::vector<float> ranks(std::int64_t kv_head);
  void drop(std::int64_t kv_head, const std::vector<std::int64_t>& indices,
            const std::vector<float>& ranks);
  // What `call`, which enters the policy, returns; what it throws becomes an Error with the place.
  template <typename Call>
  auto ask(std::int64_t kv_head, const char* doing, Call&& call) const -> decltype(call());
  std::string where(std::int64_t kv_head) const;

  const LayerSetup& setup_;
  std::int64_t layer_;
  std::unique_ptr<Policy> policy_;
  at::Tensor output_projection_;
  std::vector<HeadCache> heads_;
  std::vector<Departures> departures_;
  std::deque<std::vector<float>> recent_queries_;
  std::vector<float> rotated_keys_;  // [G,n,d] of the newest tokens
  std::int64_t last_position_ = -1;
};

}  // namespace pressroom
