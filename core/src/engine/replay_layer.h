// One layer of one document, replayed: attention of all its tokens under eviction.
//
// Which way is taken depends on when it is known what leaves:
//
//   before attention   nothing leaves, or scores are given at birth: masked products
//                      (engine/lifetimes.h, engine/masked_attention.h)
//   by attention       statistics the engine keeps: entries in slots (engine/slot_head.h)
//   by the policy      scores on demand, keep decisions, positions in the cache: token by token, as
//                      the decode engine does it (engine/layer_state.h)
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/layer_state.h"
#include "pressroom/method.h"

namespace pressroom {

// What became of one KV head's entries.
struct HeadOutcome {
  std::vector<std::int32_t> sizes;  // entries held after each step, [N]
  std::vector<std::int64_t> kept;   // positions held at the end, ascending
};

class TokenBlock;

class ReplayLayer {
 public:
  // Everything is borrowed but the policy. `ids` are the document's, [N].
  ReplayLayer(const LayerSetup& setup, std::int64_t layer, std::unique_ptr<Policy> policy,
              const at::Tensor& output_projection, const std::vector<std::int64_t>& ids);

  // Attention outputs [rows,H*d] for `qkv` [rows,(H+2G)d] made from `input` [rows,D]: the first N
  // rows are the document's, the others give 0. Heads are shared among `threads`. Throws Error when
  // the policy does something impossible.
  at::Tensor attend(const at::Tensor& input, const at::Tensor& qkv, std::int64_t threads);

  // After attend: one for each KV head.
  const std::vector<HeadOutcome>& outcomes() const { return outcomes_; }

 private:
  at::Tensor attend_by_state(const at::Tensor& input, const at::Tensor& qkv);
  std::vector<std::vector<std::int32_t>> deaths(const TokenBlock& tokens);
  void attend_by_lifetimes(const TokenBlock& tokens, std::int64_t kv_head,
                           const std::vector<std::int32_t>& deaths, float* out);
  void attend_by_slots(const TokenBlock& tokens, std::int64_t kv_head, float* out);
  std::string where(std::int64_t kv_head) const;

  const LayerSetup& setup_;
  std::int64_t layer_;
  std::unique_ptr<Policy> policy_;
  const at::Tensor& output_projection_;
  const std::vector<std::int64_t>& ids_;
  std::int64_t tokens_;
  std::vector<HeadOutcome> outcomes_;
};

}  // namespace pressroom
