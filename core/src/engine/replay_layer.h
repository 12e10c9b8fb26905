// One layer of one document, replayed: attention of all its tokens under eviction.
//
// Which way is taken depends on when it is known what leaves:
//
//   before attention   nothing leaves, or scores are given at birth and positions are the original
//                      ones: masked products (engine/lifetimes.h, engine/masked_attention.h)
//   by attention       statistics the engine keeps, or scores of birth with positions in the cache,
//                      one token at a time: entries in slots (engine/slot_head.h)
//   by the policy      scores on demand, keep decisions, and blocks of tokens: step by step, as the
//                      decode engine does it (engine/layer_state.h)
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/departures.h"
#include "engine/layer_setup.h"
#include "pressroom/method.h"

namespace pressroom {

class TokenBlock;

class ReplayLayer {
 public:
  // Everything is borrowed but the policy. `ids` are the document's, [N].
  ReplayLayer(const LayerSetup& setup, const Schedule& schedule, std::int64_t layer,
              std::unique_ptr<Policy> policy, const at::Tensor& output_projection,
              const std::vector<std::int64_t>& ids);

  // Has birth scores made a second time for the first half of the document alone, by `fresh`, a
  // policy of the same document and layer: a score must not depend on later tokens (I5).
  void probe_causality(std::unique_ptr<Policy> fresh) { probe_ = std::move(fresh); }

  // Attention outputs [rows,H*d] for `qkv` [rows,(H+2G)d] made from `input` [rows,D]: the first N
  // rows are the document's, the others give 0. Heads are shared among `threads`. Throws Error when
  // the policy does something impossible.
  at::Tensor attend(const at::Tensor& input, const at::Tensor& qkv, std::int64_t threads);

  // After attend: one for each KV head.
  const std::vector<Departures>& departures() const { return departures_; }

 private:
  void attend_by_lifetimes(const TokenBlock& tokens, std::int64_t threads, float* out);
  void attend_by_slots(const TokenRows& rows, const TokenBlock& tokens, const at::Tensor& scores,
                       std::int64_t kv_head, float* out);
  void attend_by_state(const TokenRows& rows, float* out);
  at::Tensor birth_scores(Policy& policy, const TokenRows& rows, const TokenBlock& tokens) const;
  void compare_with_probe(const at::Tensor& scores, TokenRows rows, const TokenBlock& tokens) const;
  std::int64_t tokens() const { return static_cast<std::int64_t>(ids_.size()); }
  std::string where(std::int64_t kv_head) const;

  const LayerSetup& setup_;
  const Schedule& schedule_;
  std::int64_t layer_;
  std::unique_ptr<Policy> policy_, probe_;
  const at::Tensor& output_projection_;
  const std::vector<std::int64_t>& ids_;
  std::vector<Departures> departures_;
};

}  // namespace pressroom
