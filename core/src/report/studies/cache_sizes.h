// The parts of a method's cache under the names that the study of accelerated inference gives them.
//
//   {n_sink: 4}, budget 256                                 {"start_size": 4, "recent_size": 252}
//   {n_sink: 4, recent: 128, heavy: 0, update_interval: 10}, budget 256
//       {"start_size": 4, "recent_size": 128, "heavy_size": 124, "update_interval": 10}
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "report/studies/study.h"

namespace pressroom {

// Entries, under a budget of `budget_tokens`, of the parameters n_sink, recent, heavy, separators,
// local and capacity: start_size, recent_size, heavy_size, separator_size, local_size, capacity;
// and update_interval. What the method does not declare is left out, fractions are resolved. What
// the parts leave of the budget is heavy_size, entries chosen by score, where `heavy` is 0 or the
// method declares `recent` and no `heavy`; it is recent_size where n_sink is all that it declares.
nlohmann::ordered_json cache_sizes(const StudyMethod& method, std::int64_t budget_tokens);

// Entries that a head can come to hold: the `capacity` that the method declares, else the sum of
// its parts where it declares `heavy`, else the budget. A capacity of 0 is the budget.
std::int64_t cache_size(const StudyMethod& method, std::int64_t budget_tokens);

// "baseline" for the campaign's baseline, else the label: {mode} in the study's file names.
std::string mode_name(const std::string& method, const std::string& baseline);

}  // namespace pressroom
