#include "report/table/shown_metrics.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "config/config.h"
#include "report/table/table_columns.h"
#include "results/config_values.h"

namespace pressroom {
ShownMetrics shown_metrics(const CampaignDescription& description) {
  return {description.columns, description.margins};
}

ShownMetrics shown_metrics(const StoredCampaign& campaign) {
  ShownMetrics shown;
  shown.columns = words_in(campaign.config, "columns");
  const nlohmann::ordered_json margins = value_in(campaign.config, "margins");
  for (const auto& [name, margin] : margins.items()) {
    const std::optional<double> value = number_in(margins, name);
    if (value && *value > 0) shown.margins[name] = *value;
  }
  return shown;
}

ComparisonReport compare_shown(const std::vector<CellResult>& results, CompareOptions options,
                               const ShownMetrics& shown) {
  // What is asked for on the command line takes the place of what the config says.
  options.margins.insert(shown.margins.begin(), shown.margins.end());
  ComparisonReport report = compare(results, options);
  report.metrics = compare_metrics(results, tested_metrics(results, shown.columns), options);
  return report;
}

}  // namespace pressroom
