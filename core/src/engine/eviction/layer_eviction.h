// An eviction event in one layer, or in all layers at once: the method's policies are asked, their
// answers checked, and what does not stay is dropped.
//
// Heads that share their entries (EvictionPlan::share) stand before the policy as one view.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/eviction/layer_state.h"
#include "pressroom/method.h"

namespace pressroom {

using MakePolicy = std::function<std::unique_ptr<Policy>()>;

// [G,n] float32 in host memory: what `policy` says of `entries` at birth. Throws Error, naming
// `where`, when it throws or answers in another shape.
at::Tensor birth_scores_of(Policy& policy, const EntriesView& entries, std::int64_t kv_heads,
                           const std::string& where);

class LayerEviction {
 public:
  // Policies for `heads` of a layer: one for each KV head where heads are not coupled, else one.
  // `setup` is borrowed.
  LayerEviction(const LayerSetup& setup, HeadRange heads, MakePolicy make_policy);

  // [G,n] float32 of the tokens as they enter, by a policy that does nothing else. Throws Error
  // when the policy does something impossible.
  at::Tensor birth_scores(const TokenRows& tokens, const std::string& where);

  // An event in the one layer of `state`. Throws Error when a policy does something impossible.
  void act(LayerState& state);

  // An event in all layers, whose heads hold the same entries (Share::kModel).
  void act(std::vector<LayerState>& layers);

  // Whether what a policy says next may depend on what it was asked before (Policy::keeps_state).
  bool keeps_state() const;

 private:
  // The members of a view: the heads that its decision is about.
  struct Member {
    LayerState* state;
    std::int64_t index;
  };
  using Members = std::vector<Member>;
  struct Group {
    std::unique_ptr<HeadView> view;
    Members members;
  };
  using Groups = std::vector<Group>;

  void act(Groups& groups);
  void evict_lowest(Groups& groups);
  void evict_all_but_kept(Groups& groups);
  // Lets leave what a server would (protocol/server_constraints.h), by `scores`: [T] of each group,
  // empty where nothing has to leave; 1 and 0 where they are choices, what keep said.
  void evict_pooled(const Groups& groups, std::vector<std::vector<float>> scores, bool are_choices);
  void zero_channels(Groups& groups);
  std::vector<std::vector<float>> ranks(const Groups& groups, const std::vector<bool>& is_over);
  std::vector<float> ranks_of_choice(const Groups& groups, std::size_t i, const std::string& where);
  static void drop(const Members& members, const std::vector<std::int64_t>& indices,
                   const std::vector<float>& ranks);
  Policy& policy_of(std::size_t group) { return *policies_[policies_.size() > 1 ? group : 0]; }

  const LayerSetup& setup_;
  MakePolicy make_policy_;
  std::unique_ptr<Policy> at_birth_;  // made when first asked
  // Of tokens that enter, as a cache will hold them: rows of queries, keys and values (only where
  // they are rounded), and rotated keys [G,n,d].
  std::vector<float> held_rows_, rotated_keys_;
  std::vector<std::unique_ptr<Policy>> policies_;
};

}  // namespace pressroom
