// The files a finished campaign leaves beside its cells.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "results/cell.h"
#include "stats/comparison.h"

namespace pressroom {

struct CampaignConfig;

// Writes results.csv, results.json, aggregated_results.json, significance_tests.json and the files
// of `config`'s outputs (report/studies/study_files.h) into `directory`; `report` is the comparison
// of `results`. Returns what the studies that were asked for print at the end, "" for none.
std::string write_campaign_files(const std::vector<CellResult>& results,
                                 const ComparisonReport& report, const CampaignConfig& config,
                                 const std::filesystem::path& directory);

}  // namespace pressroom
