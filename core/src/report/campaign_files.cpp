#include "report/campaign_files.h"

#include <nlohmann/json.hpp>

#include "base/atomic_file.h"
#include "report/studies/study_files.h"
#include "report/table/results_files.h"
#include "report/table/significance_json.h"
#include "stats/comparison.h"

namespace pressroom {

std::string write_campaign_files(const std::vector<CellResult>& results,
                                 const ComparisonReport& report, const CampaignConfig& config,
                                 const std::filesystem::path& directory) {
  write_file_atomically(directory / "results.csv", results_csv(results, report));
  write_file_atomically(directory / "results.json", json_text(results_json(results, report)));
  write_file_atomically(directory / "aggregated_results.json", json_text(aggregated_json(results)));
  write_file_atomically(directory / "significance_tests.json",
                        json_text(significance_json(report)));
  return write_study_files(results, report, config, directory).printed;
}

}  // namespace pressroom
