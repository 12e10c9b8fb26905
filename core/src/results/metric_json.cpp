#include "results/metric_json.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "pressroom/error.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

const char* direction_name(Direction direction) {
  switch (direction) {
    case Direction::kLowerIsBetter:
      return "lower";
    case Direction::kHigherIsBetter:
      return "higher";
    case Direction::kNeither:
      break;
  }
  return "neither";
}

Direction direction_from(const std::string& name) {
  if (name == "lower") return Direction::kLowerIsBetter;
  return name == "higher" ? Direction::kHigherIsBetter : Direction::kNeither;
}

}  // namespace

nlohmann::ordered_json number_to_json(double value) {
  if (std::isfinite(value)) return value;
  return std::isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";
}

double number_from_json(const nlohmann::ordered_json& json) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (json == "inf") return kInfinity;
  if (json == "-inf") return -kInfinity;
  return json == "nan" ? std::numeric_limits<double>::quiet_NaN() : json.get<double>();
}

nlohmann::ordered_json metric_to_json(const MetricValue& value) {
  Json json = {{"value", number_to_json(value.value)},
               {"unit", value.unit},
               {"better", direction_name(value.direction)},
               {"aggregation", value.aggregation}};
  for (const std::optional<double>& document : value.documents) {
    json["documents"].push_back(document ? number_to_json(*document) : Json());
  }
  for (const std::vector<double>& document : value.answers) {
    Json answers = Json::array();
    for (const double answer : document) answers.push_back(number_to_json(answer));
    json["answers"].push_back(std::move(answers));
  }
  return json;
}

MetricValue metric_from_json(const std::string& name, const nlohmann::ordered_json& json,
                             std::size_t documents) {
  MetricValue value = {name, number_from_json(json.at("value")), json.at("unit"),
                       direction_from(json.at("better")), json.at("aggregation")};
  if (const auto found = json.find("documents"); found != json.end()) {
    for (const Json& document : *found) {
      auto& parsed = value.documents.emplace_back();
      if (!document.is_null()) parsed = number_from_json(document);
    }
  }
  if (const auto found = json.find("answers"); found != json.end()) {
    for (const Json& document : *found) {
      std::vector<double>& answers = value.answers.emplace_back();
      for (const Json& answer : document) answers.push_back(number_from_json(answer));
    }
  }
  const auto is_whole = [&](std::size_t count) { return count == 0 || count == documents; };
  if (is_whole(value.documents.size()) && is_whole(value.answers.size())) return value;
  throw Error({"a metric tells of other documents than the result has", "",
               std::to_string(documents) + " values of " + name,
               std::to_string(value.documents.size()) + ", and answers of " +
                   std::to_string(value.answers.size()),
               ""});
}

}  // namespace pressroom
