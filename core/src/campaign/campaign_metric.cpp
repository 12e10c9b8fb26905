#include "campaign/campaign_metric.h"

#include <utility>

#include "plugin/boundary.h"

namespace pressroom {

CampaignMetric asked_metric(std::unique_ptr<Metric> metric, std::string label,
                            std::filesystem::path file) {
  const MeasurementNeeds needs =
      at_plugin_boundary(label, "saying what it needs", file, [&] { return metric->needs(); });
  return {std::move(metric), std::move(label), std::move(file), needs};
}

MeasurementNeeds needs_of(const std::vector<CampaignMetric>& metrics) {
  MeasurementNeeds all;
  for (const CampaignMetric& metric : metrics) {
    all.dense = all.dense || metric.needs.dense;
    all.distribution = all.distribution || metric.needs.distribution;
    all.tokens = all.tokens || metric.needs.tokens;
    all.logits = all.logits || metric.needs.logits;
    all.answer_texts = all.answer_texts || metric.needs.answer_texts;
    all.generated_answers = all.generated_answers || metric.needs.generated_answers;
    all.lifetimes = all.lifetimes || metric.needs.lifetimes;
  }
  return all;
}

}  // namespace pressroom
