// The parts of a method's cache under the names that the study of accelerated inference gives them.
//
//   {"start_size": 4, "recent_size": 252}                                  streaming_llm, budget
//   256
//   {"start_size": 4, "recent_size": 128, "heavy_size": 124, "update_interval": 10}      lazy_h2o
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

#include "report/studies/study.h"

namespace pressroom {

// Entries, under a budget of `budget_tokens`: start_size, recent_size, heavy_size, separator_size,
// local_size, capacity; and update_interval. What the method does not have is left out. Fractions
// are resolved, and a part that takes what the budget leaves is given that.
nlohmann::ordered_json cache_sizes(const StudyMethod& method, std::int64_t budget_tokens);

// "baseline" for the campaign's baseline, else the label: {mode} in the study's file names.
std::string mode_name(const std::string& method, const std::string& baseline);

}  // namespace pressroom
