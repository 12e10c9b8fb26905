// The results of a campaign as files for programs. Numbers read back exactly.
//
//   results.csv              one row per method, sparsity, dataset and context
//   results.json             the same with every seed's value, units, failures and findings
//   aggregated_results.json  a few means by "<method>_s<sparsity>", as the generation study has it
//
// A finished campaign leaves them beside its cells, with significance_tests.json
// (significance_json.h) and the files of the studies: write_campaign_files().
#pragma once

#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "results/cell.h"
#include "stats/comparison.h"

namespace pressroom {

struct CampaignConfig;

// RFC 4180 with "\n" line ends. First what the row is of, then the comparison with the baseline,
// then `<metric>` (mean over seeds) and `<metric>_std` (ddof 1) for every metric of any cell. A
// number that there is none of is an empty field.
std::string results_csv(const std::vector<CellResult>& results, const ComparisonReport& report);

// {"baseline", "families", "groups": [...], "failed_cells": [...], "findings": [...]}. A group's
// metrics carry unit, direction and how they were pooled.
nlohmann::ordered_json results_json(const std::vector<CellResult>& results,
                                    const ComparisonReport& report);

// By name of the group, which "_<dataset>" and "_ctx<context>" follow where there are several:
// mean_perplexity, std_perplexity (over seeds, ddof 1; null for one seed), mean_tokens_per_second,
// peak_memory_mb (largest of any seed, 1 MB = 10^6 bytes), kv_peak_mb, avg_cache_size (entries a
// head), kept_ratio, num_runs, failed_runs. A metric that the cells do not have is left out.
nlohmann::ordered_json aggregated_json(const std::vector<CellResult>& results,
                                       const std::string& baseline = "dense");

// Writes results.csv, results.json, aggregated_results.json, significance_tests.json and the files
// of `config`'s outputs (report/studies/study_files.h) into `directory`; `report` is the comparison
// of `results`. Returns what the studies that were asked for print at the end, "" for none.
std::string write_campaign_files(const std::vector<CellResult>& results,
                                 const ComparisonReport& report, const CampaignConfig& config,
                                 const std::filesystem::path& directory);

}  // namespace pressroom
