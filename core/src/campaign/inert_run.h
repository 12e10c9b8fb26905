// Whether a run that has ended shows anything: `inert` (campaign/bind_method.h) says what a plan
// promises, and of a method that keeps what it likes nothing can be said before it has run.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/run.h"
#include "pressroom/error.h"
#include "pressroom/method.h"

namespace pressroom {

// Whether an entry left `run` early enough for a scored target to miss it.
bool eviction_was_seen(const DocumentRun& run);

// Why a row only repeats dense although its plan did not say so: of its documents, `tokens` long,
// none saw an eviction (`is_seen`). Nothing for methods that evict nothing, and for budgets that
// hold everything.
std::optional<Problem> inert_in_fact(const EvictionPlan& plan, std::int64_t budget_tokens,
                                     std::int64_t tokens, bool is_seen, const std::string& method);

}  // namespace pressroom
