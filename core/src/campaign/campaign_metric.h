// A metric of a campaign, with what it asks to be measured.
//
//   metrics.push_back(asked_metric(make_configured_metric(use, host), "metric \"ece\"", ""));
//   if (needs_of(metrics).dense) ...   // of all of them together
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "pressroom/metric.h"

namespace pressroom {

struct CampaignMetric {
  std::unique_ptr<Metric> metric;  // configured
  std::string label;               // metric "perplexity": what messages call it
  std::filesystem::path file;      // its shared object, for messages that are to name it, or empty
  MeasurementNeeds needs;          // what it said when it was asked, once
};

// `metric` with its needs, for which it is asked. Throws Error where it throws.
CampaignMetric asked_metric(std::unique_ptr<Metric> metric, std::string label,
                            std::filesystem::path file);

// What some metric or another needs.
MeasurementNeeds needs_of(const std::vector<CampaignMetric>& metrics);

}  // namespace pressroom
