// Which entries leave, by one fixed order for every method: lowest score first, and of equal scores
// the older entry first.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "pressroom/method.h"

namespace pressroom {

// The part of a head's entries that ranking may touch: [begin, end) in cache order.
struct Candidates {
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

// All entries but the sinks (original position below plan.sinks) and the last plan.recents.
Candidates evictable(const std::vector<std::int64_t>& positions, const EvictionPlan& plan);

// Indices, ascending, of the `count` candidates (at least 1, at most all) with the lowest of
// `scores` [T]. Throws Error on a NaN score; `where` names the place in the run.
std::vector<std::int64_t> lowest(const float* scores, const Candidates& candidates,
                                 std::int64_t count, const std::string& where);

// Turns a policy's keep decision for one head into the indices that leave, after checking it:
// int64, ascending, unique, within 0 .. entries - 1, every protected entry among them.
std::vector<std::int64_t> complement(const at::Tensor& kept, std::int64_t entries,
                                     const Candidates& candidates, const std::string& where);

// Throws Error unless `scores`, which a method returned at `where`, have the shape `expected`.
void check_shape(const at::Tensor& scores, at::IntArrayRef expected, const std::string& where);

// What `method`, called `name`, asks for under a budget. Throws Error when it throws, or asks for
// what cannot be: negative or absurd counts, an interval of 0, a ranking by no signal.
EvictionPlan checked_plan(const Method& method, std::int64_t budget_tokens,
                          const std::string& name);

// Throws Error unless a head of `budget_tokens` entries holds what the plan protects and one more
// (the newest entry, where recents are not protected anyway).
void check_budget(const EvictionPlan& plan, std::int64_t budget_tokens, const std::string& method);

}  // namespace pressroom
