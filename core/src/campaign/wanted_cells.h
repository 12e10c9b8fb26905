// Some cells of a campaign, and what their results have to be made from: for whoever runs again
// what a directory says.
//
//   keep_wanted(wanted, campaign);          // the others are not run
//   check_wanted(wanted, config, make_jobs(parts));   // before anything is
#pragma once

#include <map>
#include <string>
#include <vector>

#include "results/stored_cell.h"

namespace pressroom {

struct CampaignConfig;
struct Job;
struct PreparedCampaign;

struct WantedCell {
  std::string content_key;  // of the result; "" for any
  MadeFrom made_from;       // of the result that is there, to say what is not the same
};

// By the files of their results, relative to the campaign's directory.
using WantedCells = std::map<std::string, WantedCell>;

// Takes the other cells out of the plan. Throws Error where some are not in it - under `match`,
// where cells are called by the budgets that were found, where none is.
void keep_wanted(const WantedCells& wanted, PreparedCampaign& campaign);

// Throws Error where the results would be made from something else, each reason once.
void check_wanted(const WantedCells& wanted, const CampaignConfig& config,
                  const std::vector<Job>& jobs);

}  // namespace pressroom
