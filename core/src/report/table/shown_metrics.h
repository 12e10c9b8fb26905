// Which metrics a campaign's config asks to show, and what counts as the same of each.
//
//   const ShownMetrics shown = shown_metrics(stored);              // of a directory
//   const ComparisonReport report = compare_shown(results, {}, shown);
//   results_table(results, report, shown.columns);                 // marks best by report.metrics
#pragma once

#include <map>
#include <string>
#include <vector>

#include "results/stored_campaign.h"
#include "stats/comparison.h"

namespace pressroom {

struct CampaignDescription;

struct ShownMetrics {
  std::vector<std::string> columns;       // `columns:`; none: by default
  std::map<std::string, double> margins;  // `margins:`
};

ShownMetrics shown_metrics(const CampaignDescription& description);

// Of config.yaml as it lies in the directory. What is not understood in it is left out: it was
// checked when it was written.
ShownMetrics shown_metrics(const StoredCampaign& campaign);

// The comparison of `results` with the margins of `shown`, and in `metrics` that of each of its
// columns that is compared by itself (tested_metrics()).
ComparisonReport compare_shown(const std::vector<CellResult>& results, CompareOptions options,
                               const ShownMetrics& shown);

}  // namespace pressroom
