#include "engine/replay_layer.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "engine/eviction.h"
#include "engine/invariants.h"
#include "engine/layer_state.h"
#include "engine/lifetimes.h"
#include "engine/masked_attention.h"
#include "engine/slot_head.h"
#include "engine/token_block.h"
#include "engine/views.h"
#include "parallel/parallel_for.h"
#include "plugin/boundary.h"

namespace pressroom {
namespace {

// Queries that one thread takes at a time where lifetimes are known: a few blocks of products.
constexpr std::int64_t kQueryRange = 256;

}  // namespace

ReplayLayer::ReplayLayer(const LayerSetup& setup, const Schedule& schedule, std::int64_t layer,
                         std::unique_ptr<Policy> policy, const at::Tensor& output_projection,
                         const std::vector<std::int64_t>& ids)
    : setup_(setup),
      schedule_(schedule),
      layer_(layer),
      policy_(std::move(policy)),
      output_projection_(output_projection),
      ids_(ids),
      departures_(static_cast<std::size_t>(setup.model.kv_heads), Departures(tokens())) {}

std::string ReplayLayer::where(std::int64_t kv_head) const {
  return "layer " + std::to_string(layer_) + ", kv head " + std::to_string(kv_head);
}

at::Tensor ReplayLayer::attend(const at::Tensor& input, const at::Tensor& qkv,
                               std::int64_t threads) {
  const ModelFacts& model = setup_.model;
  at::Tensor out = at::zeros({qkv.size(0), model.query_heads * model.head_dim}, at::kFloat);
  float* result = out.data_ptr<float>();
  const TokenRows rows = {0, tokens(), ids_.data(), qkv.data_ptr<float>(), input.data_ptr<float>()};
  const Ranking ranking = setup_.plan.ranking;
  const bool at_birth = ranking == Ranking::kBirthScore;
  const bool by_index = setup_.positions == Positions::kCacheIndex;
  const bool is_known = ranking == Ranking::kNone || (at_birth && !by_index);
  const bool by_slots = schedule_.is_token_by_token() && (at_birth || ranking == Ranking::kSignal);
  if (!is_known && !by_slots) {
    attend_by_state(rows, result);
    return out;
  }
  TokenBlock tokens(setup_, rows);
  parallel_for(model.kv_heads, threads, [&](std::int64_t head) { tokens.fill(head); });
  at::Tensor scores;
  if (at_birth) scores = birth_scores(*policy_, rows, tokens);
  if (at_birth && probe_ != nullptr) compare_with_probe(scores, rows, tokens);
  if (!is_known) {
    parallel_for(model.kv_heads, threads,
                 [&](std::int64_t head) { attend_by_slots(rows, tokens, scores, head, result); });
    return out;
  }
  for (std::int64_t head = 0; at_birth && head < model.kv_heads; ++head) {
    departures_[head] = departures_by_score(scores.data_ptr<float>() + head * rows.count, schedule_,
                                            setup_.plan, setup_.budget_tokens, where(head));
  }
  attend_by_lifetimes(tokens, threads, result);
  return out;
}

// [G,n] of `rows`, the first n of `tokens`.
at::Tensor ReplayLayer::birth_scores(Policy& policy, const TokenRows& rows,
                                     const TokenBlock& tokens) const {
  const TokenRowsView entries(setup_, rows, tokens.keys(0), this->tokens() * setup_.model.head_dim);
  const at::Tensor scores = at_plugin_boundary("the method", "giving birth scores", where(0),
                                               [&] { return policy.birth_scores(entries); });
  check_shape(scores, {setup_.model.kv_heads, rows.count}, where(0));
  return scores.to(at::kFloat).contiguous();
}

// Products of another height may round differently; a glimpse of the future is no rounding.
void ReplayLayer::compare_with_probe(const at::Tensor& scores, TokenRows rows,
                                     const TokenBlock& tokens) const {
  rows.count = (rows.count + 1) / 2;
  const at::Tensor alone = birth_scores(*probe_, rows, tokens);
  const at::Tensor together = scores.narrow(1, 0, rows.count);
  if (at::allclose(alone, together, 1e-3, 1e-5, /*equal_nan=*/true)) return;
  violated("I5 causality", where(0),
           "birth scores of the first " + std::to_string(rows.count) +
               " tokens that do not depend on later ones",
           "a difference of " + std::to_string((alone - together).abs().max().item<float>()));
}

void ReplayLayer::attend_by_lifetimes(const TokenBlock& tokens, std::int64_t threads, float* out) {
  const ModelFacts& model = setup_.model;
  const std::int64_t count = this->tokens();
  const std::int64_t ranges = (count + kQueryRange - 1) / kQueryRange;
  // The last queries first: they see the most entries.
  parallel_for(ranges * model.kv_heads, threads, [&](std::int64_t i) {
    const std::int64_t kv_head = i % model.kv_heads;
    const std::int64_t begin = (ranges - 1 - i / model.kv_heads) * kQueryRange;
    HeadTokens head;
    head.queries = tokens.queries(kv_head);
    head.keys = tokens.keys(kv_head);
    head.values = tokens.values(kv_head);
    head.group = model.group_size();
    head.tokens = count;
    head.head_dim = model.head_dim;
    attend_lifetimes(
        head, departures_[kv_head].left_after, {begin, std::min(begin + kQueryRange, count)},
        out + kv_head * model.group_size() * model.head_dim, model.query_heads * model.head_dim);
  });
}

void ReplayLayer::attend_by_slots(const TokenRows& rows, const TokenBlock& tokens,
                                  const at::Tensor& scores, std::int64_t kv_head, float* out) {
  const ModelFacts& model = setup_.model;
  const std::int64_t d = model.head_dim;
  const std::int64_t group = model.group_size();
  SlotHead head(setup_);
  std::vector<float> queries(static_cast<std::size_t>(group * d));
  const std::string place = where(kv_head);
  for (std::int64_t t = 0; t < rows.count; ++t) {
    for (std::int64_t h = 0; h < group; ++h) {
      std::copy_n(tokens.queries(kv_head) + (h * rows.count + t) * d, d, queries.data() + h * d);
    }
    const float* raw_key = rows.qkv + t * setup_.qkv_width() + (model.query_heads + kv_head) * d;
    const float score =
        scores.defined() ? scores.data_ptr<float>()[kv_head * rows.count + t] : 0.0F;
    head.append(raw_key, tokens.keys(kv_head) + t * d, tokens.values(kv_head) + t * d, score);
    head.attend(queries.data(), out + (t * model.query_heads + kv_head * group) * d);
    if (schedule_.steps[t].evicts) head.evict(place, departures_[kv_head]);
  }
}

void ReplayLayer::attend_by_state(const TokenRows& rows, float* out) {
  const ModelFacts& model = setup_.model;
  LayerState state(setup_, layer_, rows.count, std::move(policy_), output_projection_);
  AttentionScratch scratch;
  for (const FeedStep& step : schedule_.steps) {
    TokenRows fed = rows;
    fed.position = step.begin;
    fed.count = step.end - step.begin;
    fed.ids += step.begin;
    fed.qkv += step.begin * setup_.qkv_width();
    fed.attention_input += step.begin * model.hidden_size;
    state.feed(fed, out + step.begin * model.query_heads * model.head_dim, scratch);
    if (step.evicts) state.evict();
  }
  departures_ = state.departures();
}

}  // namespace pressroom
