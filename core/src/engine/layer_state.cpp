#include "engine/layer_state.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "engine/eviction.h"
#include "engine/invariants.h"
#include "engine/masked_attention.h"
#include "engine/views.h"
#include "model/products.h"
#include "parallel/parallel_for.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"

namespace pressroom {

LayerState::LayerState(const LayerSetup& setup, std::int64_t layer, std::int64_t tokens,
                       std::unique_ptr<Policy> policy, at::Tensor output_projection)
    : setup_(setup),
      layer_(layer),
      policy_(std::move(policy)),
      output_projection_(std::move(output_projection)),
      departures_(static_cast<std::size_t>(setup.model.kv_heads), Departures(tokens)) {
  heads_.reserve(static_cast<std::size_t>(setup.model.kv_heads));
  for (std::int64_t head = 0; head < setup.model.kv_heads; ++head) {
    heads_.emplace_back(setup.entry_layout(), std::min(setup.most_entries, tokens));
  }
}

std::string LayerState::where(std::int64_t kv_head) const {
  return "layer " + std::to_string(layer_) + ", kv head " + std::to_string(kv_head) + ", step " +
         std::to_string(last_position_);
}

template <typename Call>
auto LayerState::ask(std::int64_t kv_head, const char* doing, Call&& call) const
    -> decltype(call()) {
  try {
    return call();
  } catch (...) {
    rethrow_from_plugin("the method", doing, where(kv_head));
  }
}

void LayerState::feed(const TokenRows& tokens, float* out, AttentionScratch& scratch) {
  last_position_ = tokens.position + tokens.count - 1;
  remember_queries(tokens);
  append(tokens);
  const std::int64_t group_width = setup_.model.group_size() * setup_.model.head_dim;
  if (tokens.count == 1) {
    for (std::int64_t head = 0; head < setup_.model.kv_heads; ++head) {
      attend_head(head, tokens, out + head * group_width, scratch);
    }
    return;
  }
  parallel_for(setup_.model.kv_heads, product_thread_count(), [&](std::int64_t head) {
    const c10::InferenceMode no_gradients;
    AttentionScratch own;
    attend_head(head, tokens, out + head * group_width, own);
  });
}

void LayerState::remember_queries(const TokenRows& tokens) {
  const std::int64_t window = setup_.plan.needs.query_window;
  const std::int64_t width = setup_.model.query_heads * setup_.model.head_dim;
  for (std::int64_t i = std::max<std::int64_t>(tokens.count - window, 0); i < tokens.count; ++i) {
    const float* queries = tokens.qkv + i * setup_.qkv_width();
    recent_queries_.emplace_back(queries, queries + width);
  }
  while (static_cast<std::int64_t>(recent_queries_.size()) > window) recent_queries_.pop_front();
}

void LayerState::append(const TokenRows& tokens) {
  const std::int64_t d = setup_.model.head_dim;
  const std::int64_t heads = setup_.model.kv_heads;
  const std::int64_t key_columns = setup_.model.query_heads * d;
  rotated_keys_.resize(static_cast<std::size_t>(heads * tokens.count * d));
  for (std::int64_t head = 0; head < heads; ++head) {
    for (std::int64_t i = 0; i < tokens.count; ++i) {
      setup_.rotary->rotate(tokens.qkv + i * setup_.qkv_width() + key_columns + head * d,
                            tokens.position + i,
                            rotated_keys_.data() + (head * tokens.count + i) * d);
    }
  }
  at::Tensor scores;
  if (setup_.plan.ranking == Ranking::kBirthScore) {
    const TokenRowsView entries(setup_, tokens, rotated_keys_.data(), tokens.count * d);
    scores = ask(0, "giving birth scores", [&] { return policy_->birth_scores(entries); });
    check_shape(scores, {heads, tokens.count}, where(0));
    scores = scores.to(at::kFloat).contiguous();
  }
  const bool store_raw = setup_.positions == Positions::kCacheIndex;
  for (std::int64_t head = 0; head < heads; ++head) {
    for (std::int64_t i = 0; i < tokens.count; ++i) {
      const float* raw = tokens.qkv + i * setup_.qkv_width() + key_columns + head * d;
      const float* rotated = rotated_keys_.data() + (head * tokens.count + i) * d;
      const float score =
          scores.defined() ? scores.data_ptr<float>()[head * tokens.count + i] : 0.0F;
      heads_[head].append(tokens.position + i, tokens.ids[i], store_raw ? raw : rotated, raw,
                          raw + heads * d, score);
    }
  }
}

void LayerState::attend_head(std::int64_t kv_head, const TokenRows& tokens, float* out,
                             AttentionScratch& scratch) {
  HeadCache& head = heads_[kv_head];
  const std::int64_t d = setup_.model.head_dim;
  const std::int64_t group = setup_.model.group_size();
  const std::int64_t entries = head.size();
  const bool by_index = setup_.positions == Positions::kCacheIndex;
  const std::int64_t first = by_index ? entries - tokens.count : tokens.position;

  scratch.queries.resize(static_cast<std::size_t>(group * tokens.count * d));
  for (std::int64_t q = 0; q < group; ++q) {
    for (std::int64_t i = 0; i < tokens.count; ++i) {
      setup_.rotary->rotate(tokens.qkv + i * setup_.qkv_width() + (kv_head * group + q) * d,
                            first + i, scratch.queries.data() + (q * tokens.count + i) * d);
    }
  }
  const float* keys = head.keys();
  if (by_index) {
    scratch.keys.resize(static_cast<std::size_t>(entries * d));
    for (std::int64_t j = 0; j < entries; ++j) {
      setup_.rotary->rotate(head.keys() + j * d, j, scratch.keys.data() + j * d);
    }
    keys = scratch.keys.data();
  }
  float* attention = head.layout().attention ? head.attention() : nullptr;
  const bool of_last_query = setup_.plan.signal == Signal::kLastQueryAttention;
  if (of_last_query) std::fill(attention, attention + entries, 0.0F);
  if (tokens.count == 1) {
    attend(scratch.queries.data(), group, keys, head.values(), entries, d, out, attention, scratch);
    if (last_position_ % kRowSumInterval == 0) check_row_sum(scratch.weights.data(), entries);
    return;
  }
  HeadTokens block;
  block.queries = scratch.queries.data();
  block.keys = keys;
  block.values = head.values();
  block.group = group;
  block.past = entries - tokens.count;
  block.tokens = tokens.count;
  block.head_dim = d;
  block.attention = attention;
  block.of_last_query = of_last_query;
  attend_lifetimes(block, {}, {0, tokens.count}, out, setup_.model.query_heads * d);
}

// [T], what the entries of a head are ranked by.
std::vector<float> LayerState::ranks(std::int64_t kv_head) {
  const HeadCache& head = heads_[kv_head];
  if (setup_.plan.ranking == Ranking::kBirthScore) {
    return {head.birth_scores(), head.birth_scores() + head.size()};
  }
  if (setup_.plan.ranking == Ranking::kSignal) {
    return signal_of(head, setup_.plan.signal, last_position_);
  }
  const CachedHeadView view(*this, kv_head);
  const at::Tensor scores = ask(kv_head, "scoring", [&] { return policy_->score(view); });
  check_shape(scores, {head.size()}, where(kv_head));
  const at::Tensor ranked = scores.to(at::kFloat).contiguous();
  return {ranked.data_ptr<float>(), ranked.data_ptr<float>() + head.size()};
}

void LayerState::drop(std::int64_t kv_head, const std::vector<std::int64_t>& indices,
                      const std::vector<float>& ranks) {
  for (const std::int64_t index : indices) {
    departures_[kv_head].leaves(
        heads_[kv_head].positions()[index], last_position_,
        ranks.empty() ? std::numeric_limits<float>::quiet_NaN() : ranks[index]);
  }
  heads_[kv_head].drop(indices);
}

void LayerState::evict() {
  if (setup_.plan.ranking == Ranking::kKeep) return evict_all_but_kept();
  for (std::int64_t head = 0; head < setup_.model.kv_heads; ++head) evict_lowest(head);
}

void LayerState::evict_lowest(std::int64_t kv_head) {
  const HeadCache& head = heads_[kv_head];
  const std::int64_t excess = head.size() - setup_.budget_tokens;
  if (excess <= 0) return;
  const Candidates candidates = evictable(head.positions(), setup_.plan);
  const std::vector<float> by = ranks(kv_head);
  drop(kv_head, lowest(by.data(), candidates, excess, where(kv_head)), by);
}

void LayerState::evict_all_but_kept() {
  const std::int64_t heads = setup_.model.kv_heads;
  const CachedLayerView view(*this);
  const std::vector<at::Tensor> kept =
      ask(0, "deciding what to keep", [&] { return policy_->keep(view); });
  if (static_cast<std::int64_t>(kept.size()) != heads) {
    throw Error({"keep() answered for another number of heads", where(0), std::to_string(heads),
                 std::to_string(kept.size()), "mend the method's keep()"});
  }
  std::int64_t held = 0;
  for (std::int64_t head = 0; head < heads; ++head) {
    const Candidates candidates = evictable(heads_[head].positions(), setup_.plan);
    drop(head, complement(kept[head], heads_[head].size(), candidates, where(head)), {});
    held += heads_[head].size();
  }
  const std::int64_t allowed = setup_.budget_tokens * heads;
  if (held > allowed) {
    throw Error({"keep() kept more than the budget", where(0),
                 "at most " + std::to_string(allowed) + " entries in the layer",
                 std::to_string(held), "mend the method's keep()"});
  }
}

}  // namespace pressroom
