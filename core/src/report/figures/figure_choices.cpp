#include "report/figures/figure_choices.h"

#include <nlohmann/json.hpp>

#include "results/config_values.h"

namespace pressroom {

FigureChoices figure_choices(const nlohmann::ordered_json& config) {
  const nlohmann::ordered_json figures = value_in(value_in(config, "report"), "figures");
  FigureChoices choices;
  choices.without = words_in(figures, "without");
  const std::vector<std::string> formats = words_in(figures, "formats");
  if (!formats.empty()) choices.formats = formats;
  return choices;
}

}  // namespace pressroom
