#include "report/pivot/pivot_groups.h"

#include "results/campaign_labels.h"

namespace pressroom {

std::map<std::string, std::string> method_groups(const std::vector<StoredCampaign>& campaigns,
                                                 const MergedCampaigns& merged) {
  std::vector<CampaignLabels> labels;
  for (const StoredCampaign& campaign : campaigns) {
    labels.push_back(campaign_labels(campaign.config));
  }
  std::map<std::string, std::string> groups;
  for (const Origin& origin : merged.origins) {
    const std::string group = group_of(labels[origin.campaign].method_groups, origin.method);
    if (!group.empty()) groups[origin.label] = group;
  }
  return groups;
}

}  // namespace pressroom
