// Runs that would only repeat dense, and so say nothing about a method: by their plan, before they
// are run, or in fact, as nothing can be said beforehand of a method that keeps what it likes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "engine/run.h"
#include "pressroom/error.h"
#include "pressroom/method.h"

namespace pressroom {

// Why a run of `tokens` tokens would only repeat dense: nothing leaves before its last scored
// target is predicted. Nothing for methods that do nothing, and for budgets that hold everything.
std::optional<Problem> nothing_evicted(const EvictionPlan& plan, const Protocol& protocol,
                                       std::int64_t budget_tokens, std::int64_t tokens,
                                       const std::string& method);

// Whether an entry left `run` early enough for a scored target to miss it.
bool eviction_was_seen(const DocumentRun& run);

// Why a row only repeats dense although its plan did not say so: of its documents, `tokens` long,
// none saw an eviction (`is_seen`). Nothing for methods that evict nothing, and for budgets that
// hold everything.
std::optional<Problem> inert_in_fact(const EvictionPlan& plan, std::int64_t budget_tokens,
                                     std::int64_t tokens, bool is_seen, const std::string& method);

}  // namespace pressroom
