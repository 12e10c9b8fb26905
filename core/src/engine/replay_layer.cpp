#include "engine/replay_layer.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "engine/device_lifetimes.h"
#include "engine/eviction.h"
#include "engine/invariants.h"
#include "engine/layer_state.h"
#include "engine/lifetimes.h"
#include "engine/masked_attention.h"
#include "engine/sequential_kernel.h"
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

bool ReplayLayer::nothing_leaves() const {
  return std::none_of(schedule_.steps.begin(), schedule_.steps.end(), [&](const FeedStep& step) {
    return step.evicts && step.end > setup_.budget_tokens;
  });
}

at::Tensor ReplayLayer::attend(const at::Tensor& input, const at::Tensor& qkv,
                               std::int64_t threads) {
  const ModelFacts& model = setup_.model;
  const Ranking ranking = setup_.plan.ranking;
  const bool at_birth = ranking == Ranking::kBirthScore;
  const bool by_index = setup_.positions == Positions::kCacheIndex;
  // What holds everything is dense to the last bit, however it would rank.
  const bool keeps_all =
      ranking == Ranking::kNone || (ranking != Ranking::kKeep && nothing_leaves());
  const bool is_known = keeps_all || (at_birth && !by_index);
  const bool is_sequence =
      schedule_.is_token_by_token() && (at_birth || ranking == Ranking::kSignal);
  if (!is_known && !is_sequence) {
    return attend_by_state({input.to(at::kCPU), qkv.to(at::kCPU), {}}).to(qkv.device());
  }
  const LayerTensors tokens = setup_.kernel->is_of_host()
                                  ? host_layer_tensors(setup_, qkv, this->tokens(), threads)
                                  : layer_tensors(setup_, qkv, this->tokens());
  at::Tensor scores;
  if (at_birth) {
    scores = birth_scores({input.to(at::kCPU), qkv.to(at::kCPU), tokens.keys.to(at::kCPU)});
  }
  at::Tensor out = at::zeros({qkv.size(0), model.query_heads * model.head_dim}, qkv.options());
  const at::Tensor by_head = out.narrow(0, 0, this->tokens())
                                 .view({-1, model.kv_heads, model.group_size(), model.head_dim});
  if (!is_known) {
    if (at_birth) scores = scores.to(qkv.device());
    departures_ =
        setup_.kernel->attend({setup_, schedule_, layer_, tokens, scores}, by_head, threads);
    return out;
  }
  for (std::int64_t head = 0; at_birth && head < model.kv_heads; ++head) {
    departures_[head] =
        departures_by_score(scores.data_ptr<float>() + head * this->tokens(), schedule_,
                            setup_.plan, setup_.budget_tokens, head_place(layer_, head));
  }
  if (setup_.kernel->is_of_host()) {
    attend_by_lifetimes(tokens, threads, out);
  } else {
    attend_lifetimes(tokens, departures_, by_head);
  }
  return out;
}

TokenRows ReplayLayer::rows_of(const HostRows& host, std::int64_t first, std::int64_t count) const {
  return {first, count, ids_.data() + first,
          host.qkv.data_ptr<float>() + first * setup_.qkv_width(),
          host.input.data_ptr<float>() + first * setup_.model.hidden_size};
}

// [G,count] of the first `count` tokens.
at::Tensor ReplayLayer::birth_scores_of(Policy& policy, const HostRows& host,
                                        std::int64_t count) const {
  const TokenRows rows = rows_of(host, 0, count);
  const TokenRowsView entries(setup_, rows, host.keys.data_ptr<float>(),
                              tokens() * setup_.model.head_dim);
  const std::string where = head_place(layer_, 0);
  const at::Tensor scores = at_plugin_boundary("the method", "giving birth scores", where,
                                               [&] { return policy.birth_scores(entries); });
  check_shape(scores, {setup_.model.kv_heads, count}, where);
  return scores.to(at::kCPU, at::kFloat).contiguous();
}

// [G,N]. Products of another height may round differently; a glimpse of the future is no rounding.
at::Tensor ReplayLayer::birth_scores(const HostRows& host) const {
  const at::Tensor scores = birth_scores_of(*policy_, host, tokens());
  if (probe_ == nullptr) return scores;
  const std::int64_t half = (tokens() + 1) / 2;
  const at::Tensor alone = birth_scores_of(*probe_, host, half);
  const at::Tensor together = scores.narrow(1, 0, half);
  if (at::allclose(alone, together, 1e-3, 1e-5, /*equal_nan=*/true)) return scores;
  violated("I5 causality", head_place(layer_, 0),
           "birth scores of the first " + std::to_string(half) +
               " tokens that do not depend on later ones",
           "a difference of " + std::to_string((alone - together).abs().max().item<float>()));
}

void ReplayLayer::attend_by_lifetimes(const LayerTensors& tokens, std::int64_t threads,
                                      const at::Tensor& out) {
  const ModelFacts& model = setup_.model;
  const std::int64_t count = this->tokens();
  const std::int64_t ranges = (count + kQueryRange - 1) / kQueryRange;
  const std::int64_t of_head = count * model.head_dim;
  // The last queries first: they see the most entries.
  parallel_for(ranges * model.kv_heads, threads, [&](std::int64_t i) {
    const std::int64_t kv_head = i % model.kv_heads;
    const std::int64_t begin = (ranges - 1 - i / model.kv_heads) * kQueryRange;
    HeadTokens head;
    head.queries = tokens.queries.data_ptr<float>() + kv_head * model.group_size() * of_head;
    head.keys = tokens.keys.data_ptr<float>() + kv_head * of_head;
    head.values = tokens.values.data_ptr<float>() + kv_head * of_head;
    head.group = model.group_size();
    head.tokens = count;
    head.head_dim = model.head_dim;
    attend_lifetimes(head, departures_[kv_head].left_after,
                     {begin, std::min(begin + kQueryRange, count)},
                     out.data_ptr<float>() + kv_head * model.group_size() * model.head_dim,
                     model.query_heads * model.head_dim);
  });
}

// Outputs in host memory.
at::Tensor ReplayLayer::attend_by_state(const HostRows& host) {
  const std::int64_t width = setup_.model.query_heads * setup_.model.head_dim;
  at::Tensor out = at::zeros({host.qkv.size(0), width}, at::kFloat);
  LayerState state(setup_, layer_, tokens(), std::move(policy_), output_projection_);
  AttentionScratch scratch;
  for (const FeedStep& step : schedule_.steps) {
    state.feed(rows_of(host, step.begin, step.end - step.begin),
               out.data_ptr<float>() + step.begin * width, scratch);
    if (step.evicts) state.evict();
  }
  departures_ = state.departures();
  return out;
}

}  // namespace pressroom
