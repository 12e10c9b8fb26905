#include "compare_margins.h"

#include <map>

#include "base/number_text.h"
#include "command.h"
#include "report/table/shown_metrics.h"
#include "results/metric_names.h"
#include "stats/measure.h"

namespace pressroom {

void take_margins(const boost::program_options::variables_map& values,
                  const std::vector<CellResult>& results, CompareOptions& how) {
  if (values.count("margin") == 0) return;
  const Words words = values["margin"].as<Words>();
  const auto is_of_one = [](const std::string& word) {
    return word.find('=') != std::string::npos;
  };
  for (const std::string& word : words) {
    if (!is_of_one(word)) set_judged_margin(margin_from(word), how);
  }
  for (const std::string& word : words) {
    if (!is_of_one(word)) continue;
    // A margin of what no cell has would be taken for heeded.
    const Measure measure = measure_named(results, word.substr(0, word.find('=')));
    const bool by_nll = measure == Measure::kNll;
    how.margins[by_nll ? metric_names::kPerplexity : measure.name] = metric_margin_from(word);
  }
}

void take_margins_of_configs(const std::vector<StoredCampaign>& campaigns,
                             const std::vector<std::string>& names, CompareOptions& how,
                             std::vector<std::string>& heads) {
  const std::map<std::string, double> asked = how.margins;
  for (std::size_t i = 0; i < campaigns.size(); ++i) {
    for (const auto& [metric, margin] : shown_metrics(campaigns[i]).margins) {
      const auto [taken, is_new] = how.margins.emplace(metric, margin);
      if (is_new || taken->second == margin || asked.count(metric) > 0) continue;
      heads.push_back("margins differ: " + metric + " is " + exact(margin) + " in " + names[i] +
                      ", and " + exact(taken->second) + " is taken.");
    }
  }
}

}  // namespace pressroom
