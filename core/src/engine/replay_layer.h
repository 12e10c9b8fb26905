// One layer of one document, replayed: attention of all its tokens under eviction.
//
// Which way is taken depends on when it is known what leaves:
//
//   before attention   nothing leaves, or scores are given at birth and positions are the original
//                      ones: masked products (engine/eviction/eviction.h,
//                      engine/attention/attention.h)
//   by attention       statistics the engine keeps, or scores of birth with positions in the cache,
//                      one token at a time: a kernel (engine/attention/sequential_kernel.h)
//   by the policy      scores on demand, keep decisions, heads that share entries, and blocks of
//                      tokens: step by step, as the decode engine does it
//                      (engine/eviction/layer_state.h), KV heads in parallel where they do not look
//                      at each other
//
// The first two run where the layer was computed. Policies see host memory, so what they are asked
// about is copied there, and the third way is taken there altogether.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/attention/layer_tensors.h"
#include "engine/cache/eviction_log.h"
#include "engine/cache/layer_setup.h"
#include "engine/eviction/layer_eviction.h"
#include "pressroom/method.h"

namespace pressroom {

class ReplayLayer {
 public:
  // Everything is borrowed but `make_policy`. `ids` are the document's, [N].
  ReplayLayer(const LayerSetup& setup, const Schedule& schedule, std::int64_t layer,
              MakePolicy make_policy, const at::Tensor& output_projection,
              const std::vector<std::int64_t>& ids);

  // Has birth scores made a second time for the first half of the document alone, by another policy
  // of the same document and layer: a score must not depend on later tokens (I5).
  void probe_causality() { probes_ = true; }

  // Attention outputs [rows,H*d] for `qkv` [rows,(H+2G)d] made from `input` [rows,D], on the device
  // of these: the first N rows are the document's, the others give 0. Heads are shared among
  // `threads`. Throws Error when the policy does something impossible.
  at::Tensor attend(const at::Tensor& input, const at::Tensor& qkv, std::int64_t threads);

  // After attend: one for each KV head.
  const std::vector<EvictionLog>& evictions() const { return evictions_; }

 private:
  // What policies look at: the layer in host memory, keys rotated by original position.
  struct HostRows {
    at::Tensor input;  // [rows,D]
    at::Tensor qkv;    // [rows,(H+2G)d]
    // The following are undefined where no birth scores are asked for.
    at::Tensor held_qkv;      // [rows,(H+2G)d], keys and values rounded as a cache holds them
    at::Tensor keys;          // [G,N,d], likewise
    at::Tensor birth_scores;  // [G,N]
  };

  at::Tensor attend_by_state(const HostRows& host, std::int64_t threads);
  void attend_range(const HostRows& host, HeadRange heads, float* out);
  void attend_by_kernel(const LayerTensors& tokens, const at::Tensor& birth_scores,
                        std::int64_t threads, const at::Tensor& out);
  void attend_by_lifetimes(const LayerTensors& tokens, const at::Tensor& birth_scores,
                           std::int64_t threads, const at::Tensor& out);
  void attend_on_host(const LayerTensors& tokens, std::int64_t threads, const at::Tensor& out);
  at::Tensor by_head(const at::Tensor& out) const;  // the document's rows as [N,G,g,d]
  at::Tensor birth_scores(const HostRows& host) const;
  at::Tensor birth_scores_of_first(const HostRows& host, std::int64_t count) const;
  TokenRows rows_of(const HostRows& host, std::int64_t first, std::int64_t count) const;
  std::int64_t tokens() const { return static_cast<std::int64_t>(ids_.size()); }

  const LayerSetup& setup_;
  const Schedule& schedule_;
  std::int64_t layer_;
  MakePolicy make_policy_;
  bool probes_ = false;
  const at::Tensor& output_projection_;
  const std::vector<std::int64_t>& ids_;
  std::vector<EvictionLog> evictions_;
};

}  // namespace pressroom
