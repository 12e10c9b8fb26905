#include "report/studies/study.h"

#include <algorithm>
#include <optional>

#include "config/config.h"

namespace pressroom {

const StudyMethod* StudySetting::method(const std::string& label) const {
  const auto found = std::find_if(methods.begin(), methods.end(),
                                  [&](const StudyMethod& method) { return method.label == label; });
  return found == methods.end() ? nullptr : &*found;
}

namespace {

using Json = nlohmann::ordered_json;

struct ValueToJson {
  Json operator()(const std::monostate& /*none*/) const { return nullptr; }
  Json operator()(const TokensOrFraction& value) const {
    if (value.value < 1 && value.value > 0) return value.value;
    return static_cast<std::int64_t>(value.value);
  }
  Json operator()(const InnerMethod& /*method*/) const { return nullptr; }
  template <typename T>
  Json operator()(const T& value) const {
    return value;
  }
};

Json use_json(const PluginUse& use);

Json parameters_json(const PluginUse& use) {
  Json json = Json::object();
  for (const auto& [name, value] : use.values) json[name] = std::visit(ValueToJson(), value);
  for (const auto& [name, inner] : use.inner) json[name] = use_json(*inner);
  return json;
}

Json use_json(const PluginUse& use) {
  return {{"name", use.plain_name()}, {"parameters", parameters_json(use)}};
}

Json uses_json(const std::vector<PluginUse>& uses) {
  Json json = Json::object();
  for (const PluginUse& use : uses) json[use.label] = use_json(use);
  return json;
}

}  // namespace

StudySetting study_setting_of(const CampaignConfig& config) {
  StudySetting setting;
  setting.name = config.name;
  setting.model = config.model;
  setting.device = config.device;
  setting.dtype = config.dtype;
  for (const PluginUse& use : config.methods) {
    setting.methods.push_back({use.label, use.plain_name(), parameters_json(use)});
  }
  Json& json = setting.config;
  json["name"] = config.name;
  json["model"] = config.model;
  json["device"] = config.device;
  json["dtype"] = config.dtype;
  json["engine"] = config.engine;
  json["protocol"] = config.protocol.how.text();
  json["context_lengths"] = config.protocol.context;
  json["num_samples"] = config.protocol.documents;
  json["datasets"] = uses_json(config.datasets);
  json["methods"] = uses_json(config.methods);
  json["metrics"] = uses_json(config.metrics);
  if (!config.sparsity.empty()) json["sparsity_levels"] = config.sparsity;
  if (!config.budget.empty()) json["budgets"] = config.budget;
  if (config.match) json["match"] = {{"to", config.match->to}, {"by", config.match->by}};
  json["seeds"] = config.seeds;
  return setting;
}

namespace {

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

// The part that takes what the others leave of the budget, by what the method declares; "" where
// that does not say.
const char* rest_of(const Json& parameters) {
  if (parameters.contains("heavy")) return parameters["heavy"] == 0 ? "heavy_size" : "";
  if (parameters.contains("recent")) return "heavy_size";
  return parameters.size() == 1 && parameters.contains("n_sink") ? "recent_size" : "";
}

std::optional<std::int64_t> capacity_of(const Json& parameters, std::int64_t budget_tokens) {
  const auto capacity = parameters.find("capacity");
  if (capacity == parameters.end() || !capacity->is_number()) return std::nullopt;
  return *capacity == 0 ? budget_tokens : tokens(*capacity, budget_tokens);
}

}  // namespace

Json cache_sizes(const StudyMethod& method, std::int64_t budget_tokens) {
  const std::string rest = rest_of(method.parameters);
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
  const std::optional<std::int64_t> capacity = capacity_of(method.parameters, budget_tokens);
  if (capacity) json["capacity"] = *capacity;
  const auto interval = method.parameters.find("update_interval");
  if (interval != method.parameters.end()) json["update_interval"] = *interval;
  return json;
}

std::int64_t cache_size(const StudyMethod& method, std::int64_t budget_tokens) {
  const std::optional<std::int64_t> capacity = capacity_of(method.parameters, budget_tokens);
  if (capacity) return *capacity;
  if (!method.parameters.contains("heavy")) return budget_tokens;
  const Json sizes = cache_sizes(method, budget_tokens);
  std::int64_t sum = 0;
  for (const auto& part : kParts) sum += sizes.value(part.study, std::int64_t{0});
  return sum;
}

std::string mode_name(const std::string& method, const std::string& baseline) {
  return method == baseline ? "baseline" : method;
}

}  // namespace pressroom
