#include "report/campaign_files.h"

#include <nlohmann/json.hpp>

#include "files/atomic_file.h"
#include "report/results_files.h"
#include "report/results_table.h"
#include "report/significance_json.h"
#include "report/study_files.h"
#include "stats/comparison.h"

namespace pressroom {

CampaignSummary write_campaign_files(const std::vector<CellResult>& results,
                                     const CampaignConfig& config,
                                     const std::filesystem::path& directory, bool colour) {
  const ComparisonReport report = compare(results);
  write_file_atomically(directory / "results.csv", results_csv(results, report));
  write_file_atomically(directory / "results.json", json_text(results_json(results, report)));
  write_file_atomically(directory / "aggregated_results.json", json_text(aggregated_json(results)));
  write_file_atomically(directory / "significance_tests.json",
                        json_text(significance_json(report)));
  const WrittenStudy study = write_study_files(results, report, config, directory);
  return {table_text(results_table(results, report), colour) + study.printed, report.findings};
}

}  // namespace pressroom
