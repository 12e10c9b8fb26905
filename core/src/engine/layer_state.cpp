#include "engine/layer_state.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "engine/eviction.h"
#include "engine/views.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

void check_shape(const at::Tensor& scores, at::IntArrayRef expected, const std::string& where) {
  if (scores.defined() && scores.sizes() == expected) return;
  const auto text = [](at::IntArrayRef sizes) {
    std::string joined;
    for (const std::int64_t size : sizes)
      joined += (joined.empty() ? "" : ", ") + std::to_string(size);
    return "[" + joined + "]";
  };
  throw Error({"a method returned scores of the wrong shape", where, text(expected),
               scores.defined() ? text(scores.sizes()) : "no tensor", "mend the method"});
}

}  // namespace

EntryLayout LayerSetup::entry_layout() const {
  EntryLayout layout;
  layout.head_dim = model.head_dim;
  layout.raw_keys = positions == Positions::kOriginal && plan.needs.keys_before_rope;
  layout.birth_score = plan.ranking == Ranking::kBirthScore;
  layout.attention = plan.signal != Signal::kNone;
  return layout;
}

LayerState::LayerState(const LayerSetup& setup, std::int64_t layer, std::unique_ptr<Policy> policy,
                       at::Tensor output_projection)
    : setup_(setup),
      layer_(layer),
      policy_(std::move(policy)),
      output_projection_(std::move(output_projection)),
      rotated_keys_(static_cast<std::size_t>(setup.model.kv_heads * setup.model.head_dim)) {
  const std::int64_t most =
      std::min(setup.budget_tokens + setup.plan.interval, setup.context_tokens);
  heads_.reserve(static_cast<std::size_t>(setup.model.kv_heads));
  for (std::int64_t head = 0; head < setup.model.kv_heads; ++head) {
    heads_.emplace_back(setup.entry_layout(), most);
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

void LayerState::step(const TokenInput& token, float* out, AttentionScratch& scratch) {
  const ModelFacts& model = setup_.model;
  last_position_ = token.position;
  if (setup_.plan.needs.query_window > 0) {
    recent_queries_.emplace_back(token.queries, token.queries + model.query_heads * model.head_dim);
    if (static_cast<std::int64_t>(recent_queries_.size()) > setup_.plan.needs.query_window) {
      recent_queries_.pop_front();
    }
  }
  append(token);
  const std::int64_t group_width = model.group_size() * model.head_dim;
  for (std::int64_t head = 0; head < model.kv_heads; ++head) {
    attend_head(head, token.queries + head * group_width, out + head * group_width, scratch);
  }
  evict();
}

void LayerState::append(const TokenInput& token) {
  const std::int64_t d = setup_.model.head_dim;
  for (std::int64_t head = 0; head < setup_.model.kv_heads; ++head) {
    setup_.rotary->rotate(token.keys + head * d, token.position, rotated_keys_.data() + head * d);
  }
  at::Tensor scores;
  if (setup_.plan.ranking == Ranking::kBirthScore) {
    const TokenView entries(setup_, token, rotated_keys_.data());
    scores = ask(0, "giving birth scores", [&] { return policy_->birth_scores(entries); });
    check_shape(scores, {setup_.model.kv_heads, 1}, where(0));
    scores = scores.to(at::kFloat).contiguous();
  }
  const bool store_raw = setup_.positions == Positions::kCacheIndex;
  for (std::int64_t head = 0; head < setup_.model.kv_heads; ++head) {
    const float* raw = token.keys + head * d;
    const float* key = store_raw ? raw : rotated_keys_.data() + head * d;
    const float score = scores.defined() ? scores.data_ptr<float>()[head] : 0.0F;
    heads_[head].append(token.position, token.token_id, key, raw, token.values + head * d, score);
  }
}

void LayerState::attend_head(std::int64_t kv_head, const float* queries, float* out,
                             AttentionScratch& scratch) {
  HeadCache& head = heads_[kv_head];
  const std::int64_t d = setup_.model.head_dim;
  const std::int64_t group = setup_.model.group_size();
  const std::int64_t entries = head.size();
  const bool by_index = setup_.positions == Positions::kCacheIndex;
  const std::int64_t query_position = by_index ? entries - 1 : last_position_;

  scratch.queries.resize(static_cast<std::size_t>(group * d));
  for (std::int64_t q = 0; q < group; ++q) {
    setup_.rotary->rotate(queries + q * d, query_position, scratch.queries.data() + q * d);
  }
  const float* keys = head.keys();
  if (by_index) {
    scratch.keys.resize(static_cast<std::size_t>(entries * d));
    for (std::int64_t j = 0; j < entries; ++j) {
      setup_.rotary->rotate(head.keys() + j * d, j, scratch.keys.data() + j * d);
    }
    keys = scratch.keys.data();
  }
  float* probability = head.layout().attention ? head.attention() : nullptr;
  if (setup_.plan.signal == Signal::kLastQueryAttention) {
    std::fill(probability, probability + entries, 0.0F);
  }
  attend(scratch.queries.data(), group, keys, head.values(), entries, d, out, probability, scratch);
}

std::vector<std::int64_t> LayerState::leaving(std::int64_t kv_head) {
  const HeadCache& head = heads_[kv_head];
  const std::int64_t excess = head.size() - setup_.budget_tokens;
  if (excess <= 0) return {};
  const Candidates candidates = evictable(head.positions(), setup_.plan);
  if (setup_.plan.ranking == Ranking::kBirthScore) {
    return lowest(head.birth_scores(), candidates, excess, where(kv_head));
  }
  if (setup_.plan.ranking == Ranking::kSignal) {
    scores_ = signal_of(head, setup_.plan.signal, last_position_);
    return lowest(scores_.data(), candidates, excess, where(kv_head));
  }
  const CachedHeadView view(*this, kv_head);
  const at::Tensor scores = ask(kv_head, "scoring", [&] { return policy_->score(view); });
  check_shape(scores, {head.size()}, where(kv_head));
  const at::Tensor ranked = scores.to(at::kFloat).contiguous();
  return lowest(ranked.data_ptr<float>(), candidates, excess, where(kv_head));
}

void LayerState::evict() {
  const EvictionPlan& plan = setup_.plan;
  if (plan.ranking == Ranking::kNone || (last_position_ + 1) % plan.interval != 0) return;
  if (plan.ranking != Ranking::kKeep) {
    for (std::int64_t head = 0; head < setup_.model.kv_heads; ++head) {
      heads_[head].drop(leaving(head));
    }
    return;
  }
  const CachedLayerView view(*this);
  const std::vector<at::Tensor> kept =
      ask(0, "deciding what to keep", [&] { return policy_->keep(view); });
  if (static_cast<std::int64_t>(kept.size()) != setup_.model.kv_heads) {
    throw Error({"keep() answered for another number of heads", where(0),
                 std::to_string(setup_.model.kv_heads), std::to_string(kept.size()),
                 "mend the method's keep()"});
  }
  std::int64_t held = 0;
  for (std::int64_t head = 0; head < setup_.model.kv_heads; ++head) {
    const Candidates candidates = evictable(heads_[head].positions(), plan);
    heads_[head].drop(complement(kept[head], heads_[head].size(), candidates, where(head)));
    held += heads_[head].size();
  }
  const std::int64_t allowed = setup_.budget_tokens * setup_.model.kv_heads;
  if (held > allowed) {
    throw Error({"keep() kept more than the budget", where(0),
                 "at most " + std::to_string(allowed) + " entries in the layer",
                 std::to_string(held), "mend the method's keep()"});
  }
}

}  // namespace pressroom
