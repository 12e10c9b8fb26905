// The groups that configs put methods in, `group:`, by the labels of a comparison.
//
//   method_groups(campaigns, merge_campaigns(campaigns))["h2o [B]"];   // "heavy hitters"
#pragma once

#include <map>
#include <string>
#include <vector>

#include "compare/merged_campaigns.h"
#include "results/stored_campaign.h"

namespace pressroom {

// Of the methods that have one. `merged` is of `campaigns`.
std::map<std::string, std::string> method_groups(const std::vector<StoredCampaign>& campaigns,
                                                 const MergedCampaigns& merged);

}  // namespace pressroom
