// The files a finished campaign leaves beside its cells.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "campaign/cell.h"
#include "pressroom/error.h"

namespace pressroom {

struct CampaignConfig;

struct CampaignSummary {
  std::string text;               // the results table, and what the studies asked for print
  std::vector<Problem> findings;  // results that contradict themselves: not to be believed
};

// Compares the methods and writes results.csv, results.json, aggregated_results.json,
// significance_tests.json and the files of `config`'s outputs (report/study_files.h) into
// `directory`. Returns the results table, coloured on request, and what is wrong with the results.
CampaignSummary write_campaign_files(const std::vector<CellResult>& results,
                                     const CampaignConfig& config,
                                     const std::filesystem::path& directory, bool colour);

}  // namespace pressroom
