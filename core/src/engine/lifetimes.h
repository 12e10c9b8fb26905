// When entries leave, where that is known before any attention: methods that evict nothing, and
// those whose entries get their score at birth.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "pressroom/method.h"

namespace pressroom {

constexpr std::int32_t kNeverLeaves = std::numeric_limits<std::int32_t>::max();

// The step after which each of `tokens` entries of one head leaves, kNeverLeaves for those that are
// held at the end. One entry enters each step; where step + 1 is a multiple of plan.interval, what
// exceeds the budget leaves: lowest of `scores` [tokens] first, the older of two equals first,
// sinks and recents never. Throws Error on a NaN score; `where` names the place in the run.
std::vector<std::int32_t> deaths_by_score(const float* scores, std::int64_t tokens,
                                          const EvictionPlan& plan, std::int64_t budget_tokens,
                                          const std::string& where);

}  // namespace pressroom
