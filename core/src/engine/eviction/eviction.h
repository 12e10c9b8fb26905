// Which entries leave, by one fixed order for every method - lowest score first, and of equal
// scores the older entry first - and what a method may plan and answer.
//
//   const IndexRange range = evictable(positions, plan.sinks, plan.recents);
//   const Indices leaving = lowest_ranked(scores, range, excess, "layer 3, kv head 1");
//
// When this is asked, and who is asked for scores, is in engine/eviction/layer_eviction.h.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "engine/cache/eviction_log.h"
#include "engine/cache/layer_setup.h"
#include "pressroom/method.h"
#include "pressroom/selection.h"
#include "protocol/protocol.h"

namespace pressroom {

// All entries but the sinks (original position below `sinks`) and the last `recents`.
IndexRange evictable(const std::vector<std::int32_t>& positions, std::int64_t sinks,
                     std::int64_t recents);

// Indices, ascending, of the `count` entries of `range` (at least 1, at most all) with the lowest
// of `scores` [T]. Throws Error on a NaN score; `where` names the place in the run.
Indices lowest_ranked(const std::vector<float>& scores, IndexRange range, std::int64_t count,
                      const std::string& where);

// EvictionLog of one head whose entries have `scores` [N] from birth, so that what leaves is known
// before any attention: lowest_ranked at each event of `schedule` that finds more than the budget,
// sinks and recents kept. Throws Error on a NaN score; `where` names the place in the run.
EvictionLog evictions_by_score(const float* scores, const Schedule& schedule,
                               const EvictionPlan& plan, std::int64_t budget_tokens,
                               const std::string& where);

// Turns a policy's keep decision for one head into the indices that leave, after checking it:
// int64, ascending, unique, within 0 .. entries - 1, every entry outside `range` among them.
Indices complement(const at::Tensor& kept, std::int64_t entries, IndexRange range,
                   const std::string& where);

// A policy's choice of channels as indices. Throws Error unless they are int64 in 0 .. head_dim-1.
Indices checked_channels(const at::Tensor& channels, std::int64_t head_dim,
                         const std::string& where);

// Throws Error where a policy kept `held` entries in `views` heads that were to hold no more than
// the budget each.
void check_held(std::int64_t held, std::int64_t views, const LayerSetup& setup,
                const std::string& where);

// Throws Error unless `scores`, which a method returned at `where`, have the shape `expected`.
void check_shape(const at::Tensor& scores, at::IntArrayRef expected, const std::string& where);

// What `method`, called `name`, asks for under a budget. Throws Error when it throws, or asks for
// what cannot be: negative or absurd counts, an interval of 0, a ranking by no signal, budgets
// shared among heads by a ranking that shares nothing.
EvictionPlan checked_plan(const Method& method, std::int64_t budget_tokens,
                          const std::string& name);

// Throws Error unless a head of `budget_tokens` entries holds what the plan protects and one more
// (the newest entry, where recents are not protected anyway).
void check_budget(const EvictionPlan& plan, std::int64_t budget_tokens, const std::string& method);

// Throws Error where the method needs what this protocol or these positions do not have.
void check_setting(const EvictionPlan& plan, const Protocol& protocol, Positions positions,
                   const std::string& method);

}  // namespace pressroom
