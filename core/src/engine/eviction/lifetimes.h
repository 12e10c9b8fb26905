// When entries leave, where that is known before any attention: methods that evict nothing, and
// those whose entries get their score at birth.
#pragma once

#include <cstdint>
#include <string>

#include "engine/cache/eviction_log.h"
#include "pressroom/method.h"
#include "protocol/protocol.h"

namespace pressroom {

// EvictionLog of one head whose entries have `scores` [N]. At each event of `schedule` what exceeds
// the budget leaves: lowest score first, the older of two equals first, sinks and recents never.
// Throws Error on a NaN score; `where` names the place in the run.
EvictionLog evictions_by_score(const float* scores, const Schedule& schedule,
                               const EvictionPlan& plan, std::int64_t budget_tokens,
                               const std::string& where);

}  // namespace pressroom
