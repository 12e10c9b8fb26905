// The files a finished campaign leaves beside its cells.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "campaign/cell.h"
#include "pressroom/error.h"

namespace pressroom {

struct CampaignSummary {
  std::string text;               // the results table
  std::vector<Problem> findings;  // results that contradict themselves: not to be believed
};

// Compares the methods and writes results.csv, results.json, aggregated_results.json and
// significance_tests.json into `directory`. Returns the results table, coloured on request, and
// what is wrong with the results.
CampaignSummary write_campaign_files(const std::vector<CellResult>& results,
                                     const std::filesystem::path& directory, bool colour);

}  // namespace pressroom
