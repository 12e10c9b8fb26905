// What tells campaigns apart: what was not the same when they were run, which a difference between
// their numbers may come from, and short names for them.
//
//   distinguishing_names({"results/monday/h2o", "results/friday/h2o"})  ->  monday/h2o, friday/h2o
//   campaign_differences(first, "A", second, "B")  ->  "dtype is float32 in A and bfloat16 in B"
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "results/stored_campaign.h"

namespace pressroom {

// Short names for directories: the shortest ends of their paths that differ.
// Throws Error when two paths lead to one directory.
std::vector<std::string> distinguishing_names(
    const std::vector<std::filesystem::path>& directories);

// What was not the same: one line a difference, at most 20. Versions, machine,
// model files, plugins and the config's keys are compared; not what says how fast, or what only one
// of them ran. `first_name` and `second_name` stand for the campaigns.
std::vector<std::string> campaign_differences(const StoredCampaign& first,
                                              const std::string& first_name,
                                              const StoredCampaign& second,
                                              const std::string& second_name);

}  // namespace pressroom
