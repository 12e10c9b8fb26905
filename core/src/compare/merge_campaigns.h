// Several campaigns as one, on the windows that they share.
//
//   const MergedCampaigns both = merge_campaigns({read_campaign("results/A"),
//                                                 read_campaign("results/B")});
#pragma once

#include <vector>

#include "compare/merged_campaigns.h"
#include "results/stored_campaign.h"

namespace pressroom {

// One campaign is taken as it is. Of several, a place - dataset, context, protocol - is kept where
// the first campaign and another have windows in common, and of each only these windows. Throws
// Error, saying what differs, when a campaign has nothing in common with the first, and when one is
// given twice.
MergedCampaigns merge_campaigns(const std::vector<StoredCampaign>& campaigns);

}  // namespace pressroom
