#include "engine/replay_layer.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "engine/lifetimes.h"
#include "engine/masked_attention.h"
#include "engine/slot_head.h"
#include "engine/token_block.h"
#include "parallel/parallel_for.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

// Entries held after each step, and at the end, of a head whose entries leave at `deaths`.
HeadOutcome outcome_of(const std::vector<std::int32_t>& deaths) {
  HeadOutcome outcome;
  outcome.sizes.assign(deaths.size(), 0);
  for (std::size_t j = 0; j < deaths.size(); ++j) {
    if (deaths[j] == kNeverLeaves) {
      outcome.kept.push_back(static_cast<std::int64_t>(j));
    } else {
      --outcome.sizes[deaths[j]];
    }
  }
  std::int32_t held = 0;
  for (std::int32_t& size : outcome.sizes) size = held += 1 + size;
  return outcome;
}

}  // namespace

ReplayLayer::ReplayLayer(const LayerSetup& setup, std::int64_t layer,
                         std::unique_ptr<Policy> policy, const at::Tensor& output_projection,
                         const std::vector<std::int64_t>& ids)
    : setup_(setup),
      layer_(layer),
      policy_(std::move(policy)),
      output_projection_(output_projection),
      ids_(ids),
      tokens_(static_cast<std::int64_t>(ids.size())),
      outcomes_(static_cast<std::size_t>(setup.model.kv_heads)) {}

std::string ReplayLayer::where(std::int64_t kv_head) const {
  return "layer " + std::to_string(layer_) + ", kv head " + std::to_string(kv_head);
}

at::Tensor ReplayLayer::attend(const at::Tensor& input, const at::Tensor& qkv,
                               std::int64_t threads) {
  const Ranking ranking = setup_.plan.ranking;
  const bool by_position = ranking == Ranking::kNone || setup_.positions == Positions::kOriginal;
  const bool by_signal = ranking == Ranking::kSignal;
  const bool at_birth = ranking == Ranking::kNone || ranking == Ranking::kBirthScore;
  if (!by_position || !(at_birth || by_signal)) return attend_by_state(input, qkv);

  const ModelFacts& model = setup_.model;
  TokenBlock tokens(setup_, ids_, qkv, input);
  parallel_for(model.kv_heads, threads, [&](std::int64_t head) { tokens.fill(head); });
  at::Tensor out = at::zeros({qkv.size(0), model.query_heads * model.head_dim}, at::kFloat);
  const std::vector<std::vector<std::int32_t>> leaving = deaths(tokens);
  parallel_for(model.kv_heads, threads, [&](std::int64_t head) {
    float* columns = out.data_ptr<float>() + head * model.group_size() * model.head_dim;
    if (by_signal) {
      attend_by_slots(tokens, head, columns);
    } else {
      attend_by_lifetimes(tokens, head, leaving[head], columns);
    }
  });
  return out;
}

std::vector<std::vector<std::int32_t>> ReplayLayer::deaths(const TokenBlock& tokens) {
  const std::int64_t heads = setup_.model.kv_heads;
  std::vector<std::vector<std::int32_t>> deaths(
      static_cast<std::size_t>(heads),
      std::vector<std::int32_t>(static_cast<std::size_t>(tokens_), kNeverLeaves));
  if (setup_.plan.ranking != Ranking::kBirthScore) return deaths;
  const at::Tensor scores = at_plugin_boundary("the method", "giving birth scores", where(0),
                                               [&] { return policy_->birth_scores(tokens); });
  if (!scores.defined() || scores.dim() != 2 || scores.size(0) != heads ||
      scores.size(1) != tokens_) {
    throw Error({"a method returned scores of the wrong shape", where(0),
                 "[" + std::to_string(heads) + ", " + std::to_string(tokens_) + "]",
                 "another shape", "mend the method"});
  }
  const at::Tensor exact = scores.to(at::kFloat).contiguous();
  for (std::int64_t head = 0; head < heads; ++head) {
    deaths[head] = deaths_by_score(exact.data_ptr<float>() + head * tokens_, tokens_, setup_.plan,
                                   setup_.budget_tokens, where(head));
  }
  return deaths;
}

void ReplayLayer::attend_by_lifetimes(const TokenBlock& tokens, std::int64_t kv_head,
                                      const std::vector<std::int32_t>& deaths, float* out) {
  const ModelFacts& model = setup_.model;
  HeadTokens head;
  head.queries = tokens.head_queries(kv_head);
  head.keys = tokens.head_keys(kv_head);
  head.values = tokens.head_values(kv_head);
  head.group = model.group_size();
  head.tokens = tokens_;
  head.head_dim = model.head_dim;
  attend_lifetimes(head, deaths, out, model.query_heads * model.head_dim);
  outcomes_[kv_head] = outcome_of(deaths);
}

void ReplayLayer::attend_by_slots(const TokenBlock& tokens, std::int64_t kv_head, float* out) {
  const ModelFacts& model = setup_.model;
  const std::int64_t d = model.head_dim;
  const std::int64_t group = model.group_size();
  SlotHead head(setup_.plan, setup_.budget_tokens, tokens_, d, group);
  std::vector<float> queries(static_cast<std::size_t>(group * d));
  HeadOutcome& outcome = outcomes_[kv_head];
  const std::string place = where(kv_head);
  for (std::int64_t t = 0; t < tokens_; ++t) {
    for (std::int64_t h = 0; h < group; ++h) {
      std::copy_n(tokens.head_queries(kv_head) + (h * tokens_ + t) * d, d, queries.data() + h * d);
    }
    head.append(tokens.head_keys(kv_head) + t * d, tokens.head_values(kv_head) + t * d);
    head.attend(queries.data(), out + t * model.query_heads * d);
    if ((t + 1) % setup_.plan.interval == 0) head.evict(place);
    outcome.sizes.push_back(static_cast<std::int32_t>(head.size()));
  }
  outcome.kept = head.positions();
}

at::Tensor ReplayLayer::attend_by_state(const at::Tensor& input, const at::Tensor& qkv) {
  const ModelFacts& model = setup_.model;
  const std::int64_t query_width = model.query_heads * model.head_dim;
  const std::int64_t key_width = model.kv_heads * model.head_dim;
  at::Tensor out = at::zeros({qkv.size(0), query_width}, at::kFloat);
  LayerState state(setup_, layer_, std::move(policy_), output_projection_);
  AttentionScratch scratch;
  for (std::int64_t t = 0; t < tokens_; ++t) {
    const float* row = qkv.data_ptr<float>() + t * (query_width + 2 * key_width);
    TokenInput token;
    token.position = t;
    token.token_id = ids_[t];
    token.queries = row;
    token.keys = row + query_width;
    token.values = row + query_width + key_width;
    token.attention_input = input.data_ptr<float>() + t * model.hidden_size;
    state.step(token, out.data_ptr<float>() + t * query_width, scratch);
    for (std::int64_t head = 0; head < model.kv_heads; ++head) {
      outcomes_[head].sizes.push_back(static_cast<std::int32_t>(state.heads()[head].size()));
    }
  }
  for (std::int64_t head = 0; head < model.kv_heads; ++head) {
    outcomes_[head].kept = state.heads()[head].positions();
  }
  return out;
}

}  // namespace pressroom
