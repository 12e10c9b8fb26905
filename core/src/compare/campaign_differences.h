// What was not the same when two campaigns were run: what a difference between their numbers may
// come from.
#pragma once

#include <string>
#include <vector>

#include "results/stored_campaign.h"

namespace pressroom {

// One line a difference, at most 20: "dtype is float32 in A and bfloat16 in B". Versions, machine,
// model files, plugins and the config's keys are compared; not what says how fast, or what only one
// of them ran. `first_name` and `second_name` stand for the campaigns.
std::vector<std::string> campaign_differences(const StoredCampaign& first,
                                              const std::string& first_name,
                                              const StoredCampaign& second,
                                              const std::string& second_name);

}  // namespace pressroom
