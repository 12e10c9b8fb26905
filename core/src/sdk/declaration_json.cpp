#include "sdk/declaration_json.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <variant>
#include <vector>

namespace pressroom {
namespace {

using DeclarationJson = nlohmann::ordered_json;  // keeps the order of keys

constexpr ParameterType kTypes[] = {ParameterType::kBool,        ParameterType::kInteger,
                                    ParameterType::kNumber,      ParameterType::kString,
                                    ParameterType::kPath,        ParameterType::kTokensOrFraction,
                                    ParameterType::kIntegerList, ParameterType::kNumberList,
                                    ParameterType::kStringList,  ParameterType::kMethod};

DeclarationJson value_json(const ParameterValue& value) {
  return std::visit(
      [](const auto& one) -> DeclarationJson {
        using T = std::decay_t<decltype(one)>;
        if constexpr (std::is_same_v<T, TokensOrFraction>) {
          return one.value;
        } else if constexpr (std::is_same_v<T, std::monostate> || std::is_same_v<T, InnerMethod>) {
          return nullptr;  // must be given
        } else {
          return one;
        }
      },
      value);
}

// Throws nlohmann's exceptions where `json` is of another type.
ParameterValue value_of(ParameterType type, const DeclarationJson& json) {
  switch (type) {
    case ParameterType::kBool:
      return json.get<bool>();
    case ParameterType::kInteger:
      return json.get<std::int64_t>();
    case ParameterType::kNumber:
      return json.get<double>();
    case ParameterType::kString:
    case ParameterType::kPath:
      return json.get<std::string>();
    case ParameterType::kTokensOrFraction:
      return TokensOrFraction{json.get<double>()};
    case ParameterType::kIntegerList:
      return json.get<std::vector<std::int64_t>>();
    case ParameterType::kNumberList:
      return json.get<std::vector<double>>();
    case ParameterType::kStringList:
      return json.get<std::vector<std::string>>();
    case ParameterType::kMethod:
      break;
  }
  return {};
}

DeclarationJson parameter_json(const ParameterSpec& spec) {
  DeclarationJson json = {{"name", spec.name}, {"type", to_string(spec.type)}};
  if (!spec.required()) json["default"] = value_json(spec.default_value);
  if (spec.minimum) json["minimum"] = *spec.minimum;
  if (spec.maximum) json["maximum"] = *spec.maximum;
  if (spec.is_odd) json["odd"] = true;
  if (!spec.choices.empty()) json["choices"] = spec.choices;
  if (!spec.aliases.empty()) json["aliases"] = spec.aliases;
  json["help"] = spec.help_text;
  return json;
}

ParameterSpec parameter_of(const DeclarationJson& json) {
  ParameterSpec spec;
  spec.name = json.at("name").get<std::string>();
  const auto word = json.at("type").get<std::string>();
  for (const ParameterType type : kTypes) {
    if (word == to_string(type)) spec.type = type;
  }
  if (word != to_string(spec.type))
    throw DeclarationJson::other_error::create(500, "another type", nullptr);
  if (json.contains("default")) spec.default_value = value_of(spec.type, json["default"]);
  if (json.contains("minimum")) spec.minimum = json["minimum"].get<double>();
  if (json.contains("maximum")) spec.maximum = json["maximum"].get<double>();
  if (json.contains("odd")) spec.is_odd = json["odd"].get<bool>();
  if (json.contains("choices")) spec.choices = json["choices"].get<std::vector<std::string>>();
  if (json.contains("aliases")) spec.aliases = json["aliases"].get<std::vector<std::string>>();
  spec.help_text = json.at("help").get<std::string>();
  return spec;
}

}  // namespace

std::string declaration_text(const PluginInfo& info) {
  DeclarationJson json = {
      {"summary", info.summary}, {"paper", info.paper}, {"parameters", DeclarationJson::array()}};
  for (const ParameterSpec& spec : info.parameters) {
    json["parameters"].push_back(parameter_json(spec));
  }
  // In ASCII: the lines of a plugin's description are made safe for terminals when they are read.
  return json.dump(-1, ' ', true, DeclarationJson::error_handler_t::replace);
}

std::optional<PluginInfo> declaration_from_text(const std::string& text) {
  try {
    const DeclarationJson json = DeclarationJson::parse(text);
    PluginInfo info;
    info.summary = json.at("summary").get<std::string>();
    info.paper = json.at("paper").get<std::string>();
    for (const DeclarationJson& parameter : json.at("parameters")) {
      info.parameters.push_back(parameter_of(parameter));
    }
    return info;
  } catch (const DeclarationJson::exception&) {
    return std::nullopt;
  }
}

}  // namespace pressroom
