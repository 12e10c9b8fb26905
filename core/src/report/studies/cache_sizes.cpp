#include "report/studies/cache_sizes.h"

#include <nlohmann/json.hpp>

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr struct {
  const char* parameter;
  const char* study;
} kParts[] = {{"n_sink", "start_size"},
              {"recent", "recent_size"},
              {"heavy", "heavy_size"},
              {"separators", "separator_size"},
              {"local", "local_size"}};

// Numbers below 1 are fractions of the budget, truncated.
std::int64_t tokens(const Json& value, std::int64_t budget_tokens) {
  const double number = value.get<double>();
  return static_cast<std::int64_t>(number < 1 ? number * static_cast<double>(budget_tokens)
                                              : number);
}

// The part that takes what the others leave of the budget; "" where none does.
const char* rest_of(const StudyMethod& method) {
  if (method.name == "streaming_llm") return "recent_size";
  if (method.name == "h2o" || method.name == "h2o_20_80") return "heavy_size";
  const auto heavy = method.parameters.find("heavy");
  return heavy != method.parameters.end() && *heavy == 0 ? "heavy_size" : "";
}

}  // namespace

Json cache_sizes(const StudyMethod& method, std::int64_t budget_tokens) {
  const std::string rest = rest_of(method);
  Json json = Json::object();
  std::int64_t given = 0;
  for (const auto& part : kParts) {
    const auto value = method.parameters.find(part.parameter);
    if (part.study == rest) {
      json[part.study] = 0;  // keeps its place
    } else if (value != method.parameters.end() && value->is_number()) {
      const std::int64_t size = tokens(*value, budget_tokens);
      json[part.study] = size;
      given += size;
    }
  }
  if (!rest.empty()) json[rest] = budget_tokens - given;
  const auto capacity = method.parameters.find("capacity");
  if (capacity != method.parameters.end() && capacity->is_number()) {
    json["capacity"] = *capacity == 0 ? budget_tokens : tokens(*capacity, budget_tokens);
  }
  const auto interval = method.parameters.find("update_interval");
  if (interval != method.parameters.end()) json["update_interval"] = *interval;
  return json;
}

std::string mode_name(const std::string& method, const std::string& baseline) {
  return method == baseline ? "baseline" : method;
}

}  // namespace pressroom
