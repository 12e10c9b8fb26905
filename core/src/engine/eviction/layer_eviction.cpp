#include "engine/eviction/layer_eviction.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <utility>

#include "engine/eviction/eviction.h"
#include "engine/eviction/views.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"
#include "pressroom/selection.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

// What `call`, which enters the policy, returns; what it throws becomes an Error with the place.
template <typename Call>
auto ask(const std::string& where, const char* doing, Call&& call) -> decltype(call()) {
  try {
    return call();
  } catch (...) {
    rethrow_from_plugin("the method", doing, where);
  }
}

void check_count(const std::vector<at::Tensor>& answers, std::size_t views, const char* function,
                 const std::string& where) {
  if (answers.size() == views) return;
  throw Error({std::string(function) + "() answered for another number of heads", where,
               std::to_string(views), std::to_string(answers.size()),
               std::string("fix the method's ") + function + "()"});
}

}  // namespace

at::Tensor birth_scores_of(Policy& policy, const EntriesView& entries, std::int64_t kv_heads,
                           const std::string& where) {
  const at::Tensor scores =
      ask(where, "giving birth scores", [&] { return policy.birth_scores(entries); });
  check_shape(scores, {kv_heads, entries.size()}, where);
  return scores.to(at::kCPU, at::kFloat).contiguous();
}

LayerEviction::LayerEviction(const LayerSetup& setup, HeadRange heads, MakePolicy make_policy)
    : setup_(setup), make_policy_(std::move(make_policy)) {
  // What is decided about several heads at once is decided by one policy, whose state is theirs.
  const std::int64_t count = is_by_head(setup.plan) ? heads.count : 1;
  for (std::int64_t i = 0; i < count; ++i) policies_.push_back(make_policy_());
}

at::Tensor LayerEviction::birth_scores(const TokenRows& tokens, const std::string& where) {
  // A policy of its own: it is asked about all heads at once, where the others may be one a head.
  if (at_birth_ == nullptr) at_birth_ = make_policy_();
  const std::int64_t d = setup_.model.head_dim;
  const std::int64_t kv_heads = setup_.model.kv_heads;
  TokenRows held = tokens;
  if (setup_.kv_dtype != KvDtype::kFloat32) {
    held_rows_.assign(tokens.qkv, tokens.qkv + tokens.count * setup_.qkv_width());
    round_keys_and_values(setup_, tokens.count, held_rows_.data());
    held.qkv = held_rows_.data();
  }
  // By original position whatever the positions: where a key comes to lie in the cache depends on
  // what leaves later, and a score given at birth may not.
  const bool by_index = setup_.positions == Positions::kCacheIndex;
  rotated_keys_.resize(static_cast<std::size_t>(kv_heads * tokens.count * d));
  float* rotated = rotated_keys_.data();
  for (std::int64_t head = 0; head < kv_heads; ++head) {
    for (std::int64_t i = 0; i < tokens.count; ++i, rotated += d) {
      // A key is rounded as it is stored: rotated, or under cache_index as it came.
      const float* rows = (by_index ? held : tokens).qkv + i * setup_.qkv_width();
      setup_.rotary->rotate(rows + (setup_.model.query_heads + head) * d, tokens.position + i,
                            rotated);
      if (!by_index) round_vector(setup_.kv_dtype, rotated, d);
    }
  }
  const TokenRowsView entries(setup_, held, rotated_keys_.data(), tokens.count * d);
  return birth_scores_of(*at_birth_, entries, kv_heads, where);
}

void LayerEviction::act(LayerState& state) {
  Groups groups;
  const auto heads = static_cast<std::int64_t>(state.heads().size());
  for (std::int64_t index = 0; index < heads; ++index) {
    // Heads that share entries are one group: one decision, and all of them drop the same.
    if (setup_.plan.share != Share::kKvHead && index > 0) {
      groups.front().members.push_back({&state, index});
      continue;
    }
    groups.push_back({std::make_unique<CachedHeadView>(state, index), {{&state, index}}});
  }
  // A single head is its own mean, and its view copies less than a merged one.
  if (setup_.plan.share != Share::kKvHead && heads > 1) {
    groups.front().view = std::make_unique<MergedHeadView>(views_of(state));
  }
  act(groups);
}

void LayerEviction::act(std::vector<LayerState>& layers) {
  Groups groups(1);
  HeadViews views;
  for (LayerState& state : layers) {
    for (auto& view : views_of(state)) views.push_back(std::move(view));
    for (std::size_t index = 0; index < state.heads().size(); ++index) {
      groups.front().members.push_back({&state, static_cast<std::int64_t>(index)});
    }
  }
  groups.front().view = std::make_unique<MergedHeadView>(std::move(views));
  act(groups);
}

bool LayerEviction::keeps_state() const {
  return asks_policy(setup_.plan) && policies_.front()->keeps_state();
}

void LayerEviction::act(Groups& groups) {
  if (setup_.plan.ranking == Ranking::kKeep) {
    evict_all_but_kept(groups);
  } else if (setup_.plan.ranking != Ranking::kNone) {
    evict_lowest(groups);
  }
  // Last, so that the policy chooses channels for the entries that stay.
  if (setup_.plan.zeroes_channels) zero_channels(groups);
}

namespace {

// The views of groups, as a policy that couples heads gets them.
template <typename Groups>
GroupedLayerView layer_of(const Groups& groups) {
  std::vector<const HeadView*> views;
  views.reserve(groups.size());
  for (const auto& group : groups) views.push_back(group.view.get());
  const LayerState& state = *groups.front().members.front().state;
  return {state.place().layer, state.tokens_fed(), std::move(views)};
}

}  // namespace

// What entries are ranked by, [T] for each group that is over the budget.
std::vector<std::vector<float>> LayerEviction::ranks(const Groups& groups,
                                                     const std::vector<bool>& is_over) {
  const auto where = [&](std::size_t i) {
    return groups[i].members.front().state->where(groups[i].members.front().index);
  };
  std::vector<at::Tensor> together;
  const bool on_demand = setup_.plan.ranking == Ranking::kScore;
  // A policy that couples heads is shown all of them, those within the budget too: what they score
  // is what the others are weighed against.
  if (on_demand && setup_.plan.couples_heads) {
    const GroupedLayerView layer = layer_of(groups);
    together = ask(where(0), "scoring", [&] { return policies_.front()->score_layer(layer); });
    check_count(together, groups.size(), "score_layer", where(0));
  }
  std::vector<std::vector<float>> all(groups.size());
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!is_over[i]) continue;
    const HeadView& view = *groups[i].view;
    at::Tensor scores;
    if (!together.empty()) {
      scores = together[i];
    } else if (on_demand) {
      scores = ask(where(i), "scoring", [&] { return policy_of(i).score(view); });
    } else {
      scores = setup_.plan.ranking == Ranking::kSignal ? view.signal() : view.birth_scores();
    }
    check_shape(scores, {view.size()}, where(i));
    all[i] = to_floats(scores);
  }
  return all;
}

void LayerEviction::evict_lowest(Groups& groups) {
  std::vector<bool> is_over;
  for (const Group& group : groups) is_over.push_back(group.view->size() > setup_.budget_tokens);
  // Nobody is asked where nothing has to leave: scoring may be the dearest part of a method.
  if (std::none_of(is_over.begin(), is_over.end(), [](bool over) { return over; })) return;
  const std::vector<std::vector<float>> by = ranks(groups, is_over);
  if (setup_.server.changes_what_leaves()) return evict_pooled(groups, by, /*are_choices=*/false);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (!is_over[i]) continue;
    const Members& members = groups[i].members;
    const Member& first = members.front();
    const IndexRange range = evictable(first.state->heads()[first.index].positions(),
                                       setup_.plan.sinks, setup_.plan.recents);
    const std::int64_t excess = groups[i].view->size() - setup_.budget_tokens;
    drop(members, lowest_ranked(by[i], range, excess, first.state->where(first.index)), by[i]);
  }
}

// [T] by which the policy says it chose in view `i`; empty where it says nothing of all entries.
std::vector<float> LayerEviction::ranks_of_choice(const Groups& groups, std::size_t i,
                                                  const std::string& where) {
  const std::vector<at::Tensor> by =
      ask(where, "saying what it chose by", [&] { return policy_of(i).ranked_by(); });
  const bool is_together = setup_.plan.couples_heads;
  // What it says decides nothing, so an answer of another shape is no reason to fail: traces then
  // have no score for what left.
  if (by.size() != (is_together ? groups.size() : 1)) return {};
  const at::Tensor& ranks = by[is_together ? i : 0];
  if (!ranks.defined() || ranks.numel() != groups[i].view->size()) return {};
  return to_floats(ranks);
}

void LayerEviction::evict_all_but_kept(Groups& groups) {
  const Member& first = groups.front().members.front();
  std::vector<at::Tensor> kept;
  // Asked at every event, also where all would fit: the decision may be by threshold or phase.
  if (setup_.plan.couples_heads) {
    const GroupedLayerView layer = layer_of(groups);
    const std::string where = first.state->where(first.index);
    kept =
        ask(where, "deciding what to keep", [&] { return policies_.front()->keep_layer(layer); });
    check_count(kept, groups.size(), "keep_layer", where);
  }
  const bool is_pooled = setup_.server.changes_what_leaves();
  std::vector<std::vector<float>> choices;
  std::int64_t held = 0;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Member& member = groups[i].members.front();
    const std::string where = member.state->where(member.index);
    if (!setup_.plan.couples_heads) {
      kept.push_back(
          ask(where, "deciding what to keep", [&] { return policy_of(i).keep(*groups[i].view); }));
    }
    const HeadCache& head = member.state->heads()[member.index];
    const Indices leaving =
        complement(kept[i], head.size(),
                   evictable(head.positions(), setup_.plan.sinks, setup_.plan.recents), where);
    if (is_pooled) {
      choices.emplace_back(head.size(), 1.0F);
      for (const std::int64_t j : leaving) choices.back()[j] = 0;
    } else if (!leaving.empty()) {
      // Asked before the drop: ranks are by index of what the policy has just been shown.
      drop(groups[i].members, leaving, ranks_of_choice(groups, i, where));
    }
    held += kept[i].numel();
    if (setup_.plan.scope == BudgetScope::kHead) check_held(kept[i].numel(), 1, setup_, where);
  }
  // Heads that share out a budget may each hold more than theirs, but not all together. A budget of
  // the model (kModel) cannot be seen from one layer: check_invariants adds it up afterwards.
  if (setup_.plan.scope == BudgetScope::kLayer) {
    check_held(held, static_cast<std::int64_t>(groups.size()), setup_,
               first.state->where(first.index));
  }
  if (is_pooled) evict_pooled(groups, std::move(choices), /*are_choices=*/true);
}

void LayerEviction::zero_channels(Groups& groups) {
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const Member& member = groups[i].members.front();
    const std::string where = member.state->where(member.index);
    const at::Tensor channels = ask(where, "naming channels",
                                    [&] { return policy_of(i).zeroed_channels(*groups[i].view); });
    for (const Member& each : groups[i].members) {
      each.state->zero_channels(each.index,
                                checked_channels(channels, setup_.model.head_dim, where));
    }
  }
}

void LayerEviction::drop(const Members& members, const std::vector<std::int64_t>& indices,
                         const std::vector<float>& ranks) {
  for (const Member& member : members) member.state->drop(member.index, indices, ranks);
}

}  // namespace pressroom
