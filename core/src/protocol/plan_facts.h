// What an EvictionPlan implies.
#pragma once

#include "pressroom/method.h"

namespace pressroom {

// Whether the method does anything to the cache.
inline bool evicts(const EvictionPlan& plan) {
  return plan.ranking != Ranking::kNone || plan.zeroes_channels;
}

// Whether a budget is the most that may stay.
inline bool is_held_to_budget(const EvictionPlan& plan) {
  return plan.ranking != Ranking::kNone && plan.scope != BudgetScope::kNone;
}

// Whether entries carry scores from birth.
inline bool asks_birth_scores(const EvictionPlan& plan) {
  return plan.ranking == Ranking::kBirthScore || plan.birth_scores;
}

// Whether a policy has a say in what leaves, or in what a key holds.
inline bool asks_policy(const EvictionPlan& plan) {
  return asks_birth_scores(plan) || plan.zeroes_channels || plan.ranking == Ranking::kScore ||
         plan.ranking == Ranking::kKeep;
}

// Whether a policy looks at one KV head at a time, so that each has a policy of its own.
inline bool is_by_head(const EvictionPlan& plan) {
  return !plan.couples_heads && plan.share == Share::kKvHead;
}

}  // namespace pressroom
