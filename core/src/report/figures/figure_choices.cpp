#include "report/figures/figure_choices.h"

#include <nlohmann/json.hpp>

namespace pressroom {
namespace {

std::vector<std::string> words_of(const nlohmann::ordered_json& value) {
  std::vector<std::string> words;
  if (value.is_string()) words.push_back(value.get<std::string>());
  if (!value.is_array()) return words;
  for (const auto& word : value) {
    if (word.is_string()) words.push_back(word.get<std::string>());
  }
  return words;
}

}  // namespace

FigureChoices figure_choices(const nlohmann::ordered_json& config) {
  FigureChoices choices;
  const nlohmann::ordered_json::json_pointer place("/report/figures");
  if (!config.is_object() || !config.contains(place)) return choices;
  const nlohmann::ordered_json& figures = config.at(place);
  if (!figures.is_object()) return choices;
  if (figures.contains("without")) choices.without = words_of(figures["without"]);
  const std::vector<std::string> formats =
      figures.contains("formats") ? words_of(figures["formats"]) : std::vector<std::string>();
  if (!formats.empty()) choices.formats = formats;
  return choices;
}

}  // namespace pressroom
