// The files that the studies fixed, for the names in the config's `outputs`:
//
//   generation_summary   generation_summary.txt
//   perplexity_sweeps    perplexity_sweeps.json
//   press_folders        <dataset>__<model>__<press>__<ratio>/{metrics.json, predictions.csv,
//                        config.yaml}, pythia_kvpress_sweep.json and its plot
//   ppl_results          ppl_<dataset>/ppl_results_{mode}.json
//   speed_results        speed_benchmark/speed_results_{mode}.json and a plot of each
//   comparison_summary   comparison_summary.json, detailed_results.json, comparison_summary.txt
//
// What stands in them: report/studies/*.h, docs/studies.md and docs/schemas.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "report/studies/study.h"
#include "results/cell.h"
#include "stats/comparison.h"

namespace pressroom {

struct CampaignConfig;

// The files of the outputs named in `outputs`, in the order of study_outputs(). Throws Error when
// two outputs would be written to one file.
StudyFiles make_study_files(const StudyInput& input, const std::vector<std::string>& outputs);

struct WrittenStudy {
  std::vector<std::filesystem::path> files;
  std::string
      printed;  // what the studies print at the end: the .txt files, each after a blank line
};

// Writes them below `directory`. Without a gnuplot there are no plots, but their data. Throws Error
// where there is one and it fails.
WrittenStudy write_study_files(const std::vector<CellResult>& results,
                               const ComparisonReport& report, const CampaignConfig& config,
                               const std::filesystem::path& directory);

}  // namespace pressroom
