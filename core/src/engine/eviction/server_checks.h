// Whether a method can run under the constraints of a server (protocol/server_constraints.h). Both
// are asked before anything is loaded (admission/admitted_run.h), and only of methods that evict.
#pragma once

#include <cstdint>
#include <string>

#include "pressroom/method.h"
#include "protocol/protocol.h"

namespace pressroom {

// The fewest entries that a head can be brought down to: the pages of what is protected, the prompt
// among them where it is kept, and of the newest entries. least_entries(plan) where nothing is
// constrained.
std::int64_t least_entries(const EvictionPlan& plan, const Protocol& protocol);

// Throws Error, naming `method`, unless `budget_tokens`, in whole pages, hold least_entries().
void check_server_budget(const EvictionPlan& plan, const Protocol& protocol,
                         std::int64_t budget_tokens, const std::string& method);

// Throws Error where a constraint contradicts the protocol, or asks of the method what it cannot
// do.
void check_server_setting(const EvictionPlan& plan, const Protocol& protocol, Positions positions,
                          const std::string& method);

}  // namespace pressroom
