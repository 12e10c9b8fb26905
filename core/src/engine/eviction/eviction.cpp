#include "engine/eviction/eviction.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <queue>
#include <utility>

#include "base/strings.h"
#include "engine/attention/sequential_kernel.h"
#include "plugin/boundary.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

// Of entries or steps, far above any model's positions: sums of a few cannot overflow.
constexpr std::int64_t kLargestCount = std::int64_t{1} << 31;

}  // namespace

IndexRange evictable(const std::vector<std::int32_t>& positions, std::int64_t sinks,
                     std::int64_t recents) {
  const auto first = std::lower_bound(positions.begin(), positions.end(), sinks);
  const auto entries = static_cast<std::int64_t>(positions.size());
  IndexRange range;
  range.begin = first - positions.begin();
  // Few entries may be sinks and recents at once.
  range.end = std::max(range.begin, entries - recents);
  return range;
}

Indices lowest_ranked(const std::vector<float>& scores, IndexRange range, std::int64_t count,
                      const std::string& where) {
  PRESSROOM_ASSERT(0 < count && count <= range.size());
  for (std::int64_t j = range.begin; j < range.end; ++j) {
    if (std::isnan(scores[j])) {
      throw Error({"a score is NaN", where + ", cache index " + std::to_string(j), "finite scores",
                   "NaN", "fix the method: a NaN cannot be ranked"});
    }
  }
  return lowest(scores.data(), range, count);
}

EvictionLog evictions_by_score(const float* scores, const Schedule& schedule,
                               const EvictionPlan& plan, std::int64_t budget_tokens,
                               const std::string& where) {
  const std::int64_t tokens = schedule.steps.back().end;
  EvictionLog evictions(tokens);
  using Candidate = std::pair<float, std::int64_t>;  // of equal scores the older is on top
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> candidates;
  std::int64_t held = 0;
  std::int64_t next = plan.sinks;  // the first position that is not a candidate yet
  for (const FeedStep& step : schedule.steps) {
    held += step.end - step.begin;
    if (!step.evicts) continue;
    // What was recent at the last event is a candidate now; a candidate stays one until it leaves.
    for (; next + plan.recents < step.end; ++next) {
      if (std::isnan(scores[next])) refuse_nan_rank(where, next, /*is_birth_score=*/true);
      candidates.push({scores[next], next});
    }
    for (; held > budget_tokens; --held) {
      PRESSROOM_ASSERT(!candidates.empty());
      const auto [score, position] = candidates.top();
      evictions.leaves(position, step.end - 1, score);
      candidates.pop();
    }
  }
  return evictions;
}

Indices complement(const at::Tensor& kept, std::int64_t entries, IndexRange range,
                   const std::string& where) {
  const auto refuse = [&](const std::string& what, const std::string& got) {
    throw Error({what, where,
                 "ascending int64 indices below " + std::to_string(entries) +
                     ", all protected entries among them",
                 got, "fix the method's keep()"});
  };
  if (!kept.defined() || kept.dim() != 1 || kept.scalar_type() != at::kLong) {
    refuse("keep() returned no index vector", "another shape or dtype");
  }
  const at::Tensor indices = kept.contiguous();
  const std::int64_t* index = indices.data_ptr<std::int64_t>();
  const std::int64_t* last = index + indices.numel();
  Indices leaving;
  std::int64_t previous = -1;
  for (; index != last; previous = *index++) {
    if (*index <= previous || *index >= entries) {
      refuse("keep() returned impossible indices",
             std::to_string(*index) + " after " + std::to_string(previous));
    }
    for (std::int64_t j = previous + 1; j < *index; ++j) leaving.push_back(j);
  }
  for (std::int64_t j = previous + 1; j < entries; ++j) leaving.push_back(j);
  for (const std::int64_t j : leaving) {
    if (j < range.begin || j >= range.end) {
      refuse("keep() dropped a protected entry", "cache index " + std::to_string(j) + " dropped");
    }
  }
  return leaving;
}

Indices checked_channels(const at::Tensor& channels, std::int64_t head_dim,
                         const std::string& where) {
  const bool is_list =
      channels.defined() && channels.dim() == 1 && channels.scalar_type() == at::kLong;
  Indices indices;
  if (is_list) {
    const at::Tensor flat = channels.contiguous();
    indices.assign(flat.data_ptr<std::int64_t>(), flat.data_ptr<std::int64_t>() + flat.numel());
  }
  const bool in_range = std::all_of(indices.begin(), indices.end(), [&](std::int64_t channel) {
    return channel >= 0 && channel < head_dim;
  });
  if (is_list && in_range) return indices;
  throw Error({"zeroed_channels() returned no channels", where,
               "int64 indices in 0 .. " + std::to_string(head_dim - 1),
               is_list ? "an index outside" : "another shape or dtype",
               "fix the method's zeroed_channels()"});
}

void check_held(std::int64_t held, std::int64_t views, const LayerSetup& setup,
                const std::string& where) {
  const std::int64_t allowed = setup.budget_tokens * views;
  if (held <= allowed) return;
  throw Error(
      {"the method kept more than the budget", where,
       "at most " + counted(allowed, "entry", "entries") + (views > 1 ? " in the layer" : ""),
       std::to_string(held), "fix the method's keep, or its plan's scope"});
}

void check_shape(const at::Tensor& scores, at::IntArrayRef expected, const std::string& where) {
  if (scores.defined() && scores.sizes() == expected) return;
  const auto text = [](at::IntArrayRef sizes) {
    std::string joined;
    for (const std::int64_t size : sizes) {
      joined += (joined.empty() ? "" : ", ") + std::to_string(size);
    }
    return "[" + joined + "]";
  };
  throw Error({"a method returned scores of the wrong shape", where, text(expected),
               scores.defined() ? text(scores.sizes()) : "no tensor", "fix the method"});
}

EvictionPlan checked_plan(const Method& method, std::int64_t budget_tokens,
                          const std::string& name) {
  const std::string label = "method \"" + name + "\"";
  EvictionPlan plan =
      at_plugin_boundary(label, "planning", "", [&] { return method.plan(budget_tokens); });
  // Sharing entries over the model couples layers, whether the method says so or not.
  plan.couples_layers = plan.couples_layers || plan.share == Share::kModel;
  const struct {
    const char* field;
    std::int64_t value;
    std::int64_t least;
  } counts[] = {{"sinks", plan.sinks, 0},
                {"recents", plan.recents, 0},
                {"interval", plan.interval, 1},
                {"query_window", plan.needs.query_window, 0}};
  for (const auto& count : counts) {
    if (count.value >= count.least && count.value <= kLargestCount) continue;
    throw Error({label + " plans the impossible", "budget " + std::to_string(budget_tokens),
                 std::string(count.field) + " in " + std::to_string(count.least) + " .. " +
                     std::to_string(kLargestCount),
                 std::to_string(count.value), "correct its parameters, or fix its plan()"});
  }
  if (plan.ranking == Ranking::kSignal && plan.signal == Signal::kNone) {
    throw Error({label + " ranks by a signal and names none", "", "EvictionPlan::signal set",
                 "Signal::kNone", "fix its plan()"});
  }
  const bool splits = plan.scope == BudgetScope::kLayer || plan.scope == BudgetScope::kModel;
  // The engine's own rankings bring each head down to the budget: one that heads share, or none at
  // all, is only for a policy that says itself what stays.
  if (plan.scope != BudgetScope::kHead && plan.ranking != Ranking::kKeep) {
    throw Error({label + " shares out budgets without deciding what stays", "",
                 "Ranking::kKeep where EvictionPlan::scope is set", "another ranking",
                 "fix its plan()"});
  }
  // The two contradict each other: heads of unequal budgets cannot hold the same entries.
  if (splits && plan.share != Share::kKvHead) {
    throw Error({label + " gives heads budgets of their own and the same entries", "",
                 "share: kv_head", "share: layer or model",
                 "leave out share, or the wrapper that shares out the budget"});
  }
  return plan;
}

void check_budget(const EvictionPlan& plan, std::int64_t budget_tokens, const std::string& method) {
  const std::int64_t least = least_entries(plan);
  if (!takes_budget(plan) || budget_tokens >= least) return;
  throw Error({"the budget is smaller than what the method protects", method,
               "a budget of at least " + counted(least, "entry", "entries") + " (sinks " +
                   std::to_string(plan.sinks) + ", recent " + std::to_string(plan.recents) + ")",
               counted(budget_tokens, "entry", "entries"),
               "raise the budget or lower the sparsity, raise the context, or protect less"});
}

void check_setting(const EvictionPlan& plan, const Protocol& protocol, Positions positions,
                   const std::string& method) {
  const bool reads_twice = plan.needs.reconstruction != Reconstruction::kNone;
  if (reads_twice && !protocol.has_prompt()) {
    throw Error({"the method scores a prompt by a second reading of it", method,
                 "a protocol with a prompt: prefill or questions", protocol.text(),
                 "take {kind: prefill, prefill_tokens: ...}"});
  }
  if (plan.zeroes_channels && positions == Positions::kCacheIndex) {
    throw Error({"the method zeroes channels of rotated keys", method,
                 "positions: original, where a key is rotated once", "cache_index",
                 "leave the positions at original"});
  }
}

}  // namespace pressroom
