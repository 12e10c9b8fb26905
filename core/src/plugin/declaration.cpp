#include "plugin/declaration.h"

#include <algorithm>
#include <set>

#include "plugin/manifest.h"

namespace pressroom {
namespace {

bool has_declared_type(const ParameterSpec& spec) {
  const ParameterValue& value = spec.default_value;
  switch (spec.type) {
    case ParameterType::kBool:
      return std::holds_alternative<bool>(value);
    case ParameterType::kInteger:
      return std::holds_alternative<std::int64_t>(value);
    case ParameterType::kNumber:
      return std::holds_alternative<double>(value);
    case ParameterType::kString:
    case ParameterType::kPath:
      return std::holds_alternative<std::string>(value);
    case ParameterType::kTokensOrFraction:
      return std::holds_alternative<TokensOrFraction>(value);
    case ParameterType::kIntegerList:
      return std::holds_alternative<std::vector<std::int64_t>>(value);
    case ParameterType::kNumberList:
      return std::holds_alternative<std::vector<double>>(value);
    case ParameterType::kStringList:
      return std::holds_alternative<std::vector<std::string>>(value);
    case ParameterType::kMethod:
      return false;  // an inner method has no default
  }
  return false;
}

std::vector<double> numbers_of(const ParameterValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return {static_cast<double>(*integer)};
  }
  if (const auto* number = std::get_if<double>(&value)) return {*number};
  if (const auto* tokens = std::get_if<TokensOrFraction>(&value)) return {tokens->value};
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
    return {list->begin(), list->end()};
  }
  if (const auto* list = std::get_if<std::vector<double>>(&value)) return *list;
  return {};
}

bool in_range(const ParameterSpec& spec) {
  const std::vector<double> numbers = numbers_of(spec.default_value);
  const bool inside = std::all_of(numbers.begin(), numbers.end(), [&](double number) {
    return (!spec.minimum || number >= *spec.minimum) && (!spec.maximum || number <= *spec.maximum);
  });
  const auto* integer = std::get_if<std::int64_t>(&spec.default_value);
  if (integer && spec.is_odd && *integer % 2 == 0) return false;
  const auto* word = std::get_if<std::string>(&spec.default_value);
  if (!word || spec.choices.empty()) return inside;
  return std::count(spec.choices.begin(), spec.choices.end(), *word) > 0;
}

}  // namespace

std::vector<Problem> declaration_problems(const PluginInfo& info, const std::string& plugin,
                                          const std::string& where) {
  std::vector<Problem> problems;
  const auto add = [&](const std::string& what, const std::string& expected,
                       const std::string& got) {
    problems.push_back({plugin + " " + what, where, expected, got,
                        "correct the parameter in the plugin's describe() and rebuild it"});
  };
  std::set<std::string> taken = {"name", "reader", "as", "positions"};
  const auto take = [&](const std::string& name) {
    if (!taken.insert(name).second) {
      add("declares a parameter name that is taken",
          "names and aliases used once, and none of name, reader, as, positions", '"' + name + '"');
    }
  };
  for (const ParameterSpec& spec : info.parameters) {
    const std::string quoted = '"' + spec.name + '"';
    if (!is_plain_name(spec.name)) {
      add("declares a parameter whose name cannot be used",
          "lower-case letters, digits and underscores, starting with a letter", quoted);
    }
    take(spec.name);
    std::for_each(spec.aliases.begin(), spec.aliases.end(), take);
    if (spec.required()) continue;
    if (!has_declared_type(spec)) {
      add("gives parameter " + quoted + " a default of another type than it declares",
          to_string(spec.type), to_string(spec.default_value));
    } else if (!in_range(spec)) {
      add("gives parameter " + quoted + " a default that it does not accept", spec.accepts(),
          to_string(spec.default_value));
    }
  }
  return problems;
}

}  // namespace pressroom
