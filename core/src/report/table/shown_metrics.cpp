#include "report/table/shown_metrics.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <optional>

#include "config/config.h"
#include "report/table/table_columns.h"

namespace pressroom {
namespace {

// Scalars of the config are as they are written: text.
std::optional<double> number_of(const nlohmann::ordered_json& scalar) {
  if (scalar.is_number()) return scalar.get<double>();
  if (!scalar.is_string()) return std::nullopt;
  const auto& text = scalar.get_ref<const std::string&>();
  double value = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  return read.ec == std::errc() && read.ptr == end ? std::optional<double>(value) : std::nullopt;
}

}  // namespace

ShownMetrics shown_metrics(const CampaignDescription& description) {
  return {description.columns, description.margins};
}

ShownMetrics shown_metrics(const StoredCampaign& campaign) {
  ShownMetrics shown;
  if (!campaign.config.is_object()) return shown;
  if (const auto columns = campaign.config.find("columns"); columns != campaign.config.end()) {
    for (const auto& name : *columns) {
      if (name.is_string()) shown.columns.push_back(name);
    }
  }
  if (const auto margins = campaign.config.find("margins");
      margins != campaign.config.end() && margins->is_object()) {
    for (const auto& [name, margin] : margins->items()) {
      const std::optional<double> value = number_of(margin);
      if (value && *value > 0) shown.margins[name] = *value;
    }
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
