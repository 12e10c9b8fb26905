#include "report/studies/study_setting.h"

#include "config/config.h"

namespace pressroom {
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
  return {{"name", use.name}, {"parameters", parameters_json(use)}};
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
    setting.methods.push_back({use.label, use.name, parameters_json(use)});
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

}  // namespace pressroom
