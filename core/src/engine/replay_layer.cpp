#include "engine/replay_layer.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <utility>

#include "engine/attention/attention.h"
#include "engine/attention/layer_tensors.h"
#include "engine/attention/sequential_kernel.h"
#include "engine/cache/violations.h"
#include "engine/eviction/eviction.h"
#include "engine/eviction/layer_state.h"
#include "engine/eviction/views.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

// Queries that one thread takes at a time where lifetimes are known: a few blocks of products.
constexpr std::int64_t kQueryRange = 256;

// Whether no event finds more than the budget, and none does anything else.
bool keeps_all(const LayerSetup& setup, const Schedule& schedule) {
  if (!evicts(setup.plan)) return true;
  // Channels are zeroed whatever is held, and a keep decision may drop entries below the budget.
  if (setup.plan.zeroes_channels || setup.plan.ranking == Ranking::kKeep) return false;
  return std::none_of(schedule.steps.begin(), schedule.steps.end(), [&](const FeedStep& step) {
    return step.evicts && step.end > setup.budget_tokens;
  });
}

// The ways of engine/replay_layer.h: by when it is known what leaves.
enum class Way { kBeforeAttention, kByAttention, kByPolicy };

// The fastest way that gives what decoding gives.
Way way_of(const LayerSetup& setup, const Schedule& schedule) {
  // What holds everything is dense to the last bit, however it would rank (I1), so it must not go
  // another way through the same sums.
  if (keeps_all(setup, schedule)) return Way::kBeforeAttention;
  // The fast ways treat heads one by one and know nothing of zeroed channels. Heads that share
  // entries are ranked by means over them, which LayerEviction alone makes.
  if (!is_by_head(setup.plan) || setup.plan.zeroes_channels) return Way::kByPolicy;
  // They let entries leave one by one, too.
  if (setup.server.changes_what_leaves()) return Way::kByPolicy;
  const bool at_birth = setup.plan.ranking == Ranking::kBirthScore;
  // Under cache_index the lifetimes are known, too, but each eviction turns the entries older than
  // what left, and no one product over a block of queries has all of these rotations.
  if (at_birth && setup.positions == Positions::kOriginal) return Way::kBeforeAttention;
  // A kernel takes one token after another. A block of tokens overruns the budget while it is fed
  // and adds to statistics as a whole: LayerState does that.
  const bool is_ranked_here = at_birth || setup.plan.ranking == Ranking::kSignal;
  return is_ranked_here && schedule.is_token_by_token() ? Way::kByAttention : Way::kByPolicy;
}

}  // namespace

ReplayLayer::ReplayLayer(const LayerSetup& setup, const Schedule& schedule, std::int64_t layer,
                         MakePolicy make_policy, const at::Tensor& output_projection,
                         const std::vector<std::int64_t>& ids)
    : setup_(setup),
      schedule_(schedule),
      layer_(layer),
      make_policy_(std::move(make_policy)),
      output_projection_(output_projection),
      ids_(ids),
      evictions_(static_cast<std::size_t>(setup.model.kv_heads), EvictionLog(tokens())) {}

at::Tensor ReplayLayer::attend(const at::Tensor& input, const at::Tensor& qkv,
                               std::int64_t threads) {
  const Way way = way_of(setup_, schedule_);
  // Also where another ranking uses them, or nothing leaves: decoding asks then, too.
  const bool at_birth = asks_birth_scores(setup_.plan);
  LayerTensors tokens;
  // LayerState rotates for itself; beside it rotated keys are only shown to who scores at birth.
  if (way != Way::kByPolicy || at_birth) {
    tokens = setup_.kernel->needs_host_memory()
                 ? host_layer_tensors(setup_, qkv, this->tokens(), threads)
                 : layer_tensors(setup_, qkv, this->tokens());
  }
  HostRows host;
  if (way == Way::kByPolicy || at_birth) {
    host.input = input.to(at::kCPU);
    host.qkv = qkv.to(at::kCPU);
  }
  if (at_birth) {
    host.keys = tokens.keys.to(at::kCPU);
    host.held_qkv = host.qkv;
    if (setup_.kv_dtype != KvDtype::kFloat32) {
      host.held_qkv = host.qkv.clone();
      round_keys_and_values(setup_, this->tokens(), host.held_qkv.data_ptr<float>());
    }
    host.birth_scores = birth_scores(host);
  }
  if (way == Way::kByPolicy) return attend_by_state(host, threads).to(qkv.device());
  // Zeros for the idle rows, which go on through the layers and are never read.
  const std::int64_t width = setup_.model.query_heads * setup_.model.head_dim;
  const at::Tensor out = at::zeros({qkv.size(0), width}, qkv.options());
  if (way == Way::kByAttention) {
    attend_by_kernel(tokens, host.birth_scores, threads, out);
  } else {
    attend_by_lifetimes(tokens, host.birth_scores, threads, out);
  }
  return out;
}

at::Tensor ReplayLayer::by_head(const at::Tensor& out) const {
  const ModelFacts& model = setup_.model;
  return out.narrow(0, 0, tokens()).view({-1, model.kv_heads, model.group_size(), model.head_dim});
}

void ReplayLayer::attend_by_kernel(const LayerTensors& tokens, const at::Tensor& birth_scores,
                                   std::int64_t threads, const at::Tensor& out) {
  at::Tensor scores = birth_scores;
  if (scores.defined()) scores = scores.to(out.device());
  evictions_ =
      setup_.kernel->attend({setup_, schedule_, layer_, tokens, scores}, by_head(out), threads);
}

void ReplayLayer::attend_by_lifetimes(const LayerTensors& tokens, const at::Tensor& birth_scores,
                                      std::int64_t threads, const at::Tensor& out) {
  // Where all is kept nothing is ranked, and a NaN among the scores no fault: nor is it in
  // decoding.
  const bool is_ranked =
      setup_.plan.ranking == Ranking::kBirthScore && !keeps_all(setup_, schedule_);
  for (std::int64_t head = 0; is_ranked && head < setup_.model.kv_heads; ++head) {
    evictions_[head] =
        evictions_by_score(birth_scores.data_ptr<float>() + head * this->tokens(), schedule_,
                           setup_.plan, setup_.budget_tokens, head_place(layer_, head));
  }
  // Ranges of queries and heads in parallel use the cores of a host best; a device wants all heads
  // in one product.
  if (setup_.kernel->needs_host_memory()) {
    attend_on_host(tokens, threads, out);
  } else {
    attend_lifetimes(tokens, evictions_, by_head(out));
  }
}

TokenRows ReplayLayer::rows_of(const HostRows& host, std::int64_t first, std::int64_t count) const {
  TokenRows rows;
  rows.position = first;
  rows.count = count;
  rows.ids = ids_.data() + first;
  rows.qkv = host.qkv.data_ptr<float>() + first * setup_.qkv_width();
  rows.attention_input = host.input.data_ptr<float>() + first * setup_.model.hidden_size;
  if (host.birth_scores.defined()) {
    rows.birth_scores = host.birth_scores.data_ptr<float>() + first;
    rows.birth_stride = tokens();
  }
  return rows;
}

// [G,count], by a fresh policy that has seen nothing else.
at::Tensor ReplayLayer::birth_scores_of_first(const HostRows& host, std::int64_t count) const {
  TokenRows rows = rows_of(host, 0, count);
  rows.qkv = host.held_qkv.data_ptr<float>();
  const TokenRowsView entries(setup_, rows, host.keys.data_ptr<float>(),
                              tokens() * setup_.model.head_dim);
  return birth_scores_of(*make_policy_(), entries, setup_.model.kv_heads, head_place(layer_, 0));
}

// [G,N]. Products of another height may round differently; a causality violation is larger than
// rounding.
at::Tensor ReplayLayer::birth_scores(const HostRows& host) const {
  const at::Tensor scores = birth_scores_of_first(host, tokens());
  if (!probes_) return scores;
  const std::int64_t half = (tokens() + 1) / 2;
  const at::Tensor alone = birth_scores_of_first(host, half);
  const at::Tensor together = scores.narrow(1, 0, half);
  if (at::allclose(alone, together, 1e-3, 1e-5, /*equal_nan=*/true)) return scores;
  // What differs when nothing is different has nothing to do with later tokens: a method that draws
  // from a generator of its own is told about that, not about causality.
  if (!at::allclose(alone, birth_scores_of_first(host, half), 1e-3, 1e-5, /*equal_nan=*/true)) {
    throw Error(
        {"the method gives other birth scores when it is asked again", head_place(layer_, 0),
         "the same scores for the same tokens",
         "scores that changed, as drawn from a generator that goes on from call to call",
         "draw random numbers from PolicyContext::random, a RandomKey (pressroom/random.h)"});
  }
  violated("I5 causality", head_place(layer_, 0),
           "birth scores of the first " + std::to_string(half) +
               " tokens that do not depend on later ones",
           "a difference of " + std::to_string((alone - together).abs().max().item<float>()));
}

void ReplayLayer::attend_on_host(const LayerTensors& tokens, std::int64_t threads,
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
    attend_lifetimes(head, evictions_[kv_head].evicted_after,
                     {begin, std::min(begin + kQueryRange, count)},
                     out.data_ptr<float>() + kv_head * model.group_size() * model.head_dim,
                     model.query_heads * model.head_dim);
  });
}

// Outputs in host memory.
at::Tensor ReplayLayer::attend_by_state(const HostRows& host, std::int64_t threads) {
  const std::int64_t width = setup_.model.query_heads * setup_.model.head_dim;
  at::Tensor out = at::zeros({host.qkv.size(0), width}, at::kFloat);
  const std::int64_t kv_heads = setup_.model.kv_heads;
  // Heads that are coupled or share entries are decided about together, so all of them must have
  // come to the same step; heads that are alone can run through the whole document by themselves.
  if (!setup_.heads_are_alone()) {
    attend_range(host, {0, kv_heads}, out.data_ptr<float>());
    return out;
  }
  parallel_for(kv_heads, threads, [&](std::int64_t head) {
    const c10::InferenceMode no_gradients;  // a property of the thread, which may be a new one
    attend_range(host, {head, 1}, out.data_ptr<float>());
  });
  return out;
}

void ReplayLayer::attend_range(const HostRows& host, HeadRange heads, float* out) {
  const std::int64_t width = setup_.model.query_heads * setup_.model.head_dim;
  LayerState state(setup_, {layer_, heads, tokens(), output_projection_, host.input});
  LayerEviction eviction(setup_, heads, make_policy_);
  AttentionScratch scratch;
  for (const FeedStep& step : schedule_.steps) {
    state.feed(rows_of(host, step.begin, step.end - step.begin), out + step.begin * width, scratch);
    if (step.evicts) eviction.act(state);
  }
  std::copy(state.evictions().begin(), state.evictions().end(), evictions_.begin() + heads.first);
}

}  // namespace pressroom
