// How far a campaign is, and what it shows so far, as text.
//
//   const StoredCampaign campaign = read_campaign("results/quickstart");
//   const CampaignActivity activity = read_activity(campaign.directory, std::time(nullptr));
//   std::cout << view_campaign(campaign, activity, false).text;
//
//   night: 57 of 80 cells done, 2 of them failed; running, 1200 cells an hour, about 3 min to go
//     2 workers ended in a cell
//     node7, process 4711: h2o_s0.9_ctx1024_seed42, for 2 min
//
//   stories, context 1024
//   method  sparsity  kept  ...
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "results/campaign_activity.h"
#include "results/stored_campaign.h"

namespace pressroom {

struct CampaignView {
  std::string text;  // with a line end
  std::size_t failed = 0;
  bool suspect = false;  // results contradict themselves
};

// The state in a line, who has which cell, and the results table of the methods that anything is
// there of: compared on the seeds that both have, the intervals as wide as that makes them. The
// same campaign and activity give the same text. Throws Error where compare does.
CampaignView view_campaign(const StoredCampaign& campaign, const CampaignActivity& activity,
                           bool colour);

// What the cells that are left will take, from the wall time of those that were run: mean of the
// same method and context, else of the method's time per token.
struct TimeLeft {
  double seconds = 0;       // of the cells that can be told
  std::size_t unknown = 0;  // cells of methods that no cell was run of yet
};
TimeLeft time_left(const std::vector<CellResult>& results);

// "less than a minute", "3 min", "2 h 10 min", "4 days 3 h". `seconds` is not negative.
std::string rough_duration(double seconds);

}  // namespace pressroom
