// Which parameters of a method a user could lower against a problem of its plan.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "config/config.h"
#include "pressroom/method.h"

namespace pressroom {

// The numeric parameters of `use`, those of inner methods as "inner.window_size", that each alone,
// at the lowest value it takes, make `helps` true of the plan for `budget_tokens`. Found by trying:
// the method is made and asked once for each of them.
std::vector<std::string> helpful_keys(const PluginUse& use, std::int64_t budget_tokens,
                                      const std::function<bool(const EvictionPlan&)>& helps,
                                      PluginHost& host);

}  // namespace pressroom
