// What was not the same when campaigns were run, which a difference between their numbers may come
// from.
//
//   campaign_differences(first, "A", second, "B")  ->  "dtype is float32 in A and bfloat16 in B"
#pragma once

#include <string>
#include <vector>

#include "results/stored_campaign.h"

namespace pressroom {

// What was not the same: one line a difference, at most 20. Versions, machine,
// model files, plugins and the config's keys are compared; not what says how fast, or what only one
// of them ran. `first_name` and `second_name` stand for the campaigns.
std::vector<std::string> campaign_differences(const StoredCampaign& first,
                                              const std::string& first_name,
                                              const StoredCampaign& second,
                                              const std::string& second_name);

}  // namespace pressroom
