#include "results/config_values.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace pressroom {

using ConfigValue = nlohmann::ordered_json;

ConfigValue value_in(const ConfigValue& map, const std::string& key) {
  const auto found = map.is_object() ? map.find(key) : map.end();
  return found == map.end() ? ConfigValue() : *found;
}

std::string word_in(const ConfigValue& map, const std::string& key) {
  const ConfigValue value = value_in(map, key);
  return value.is_string() ? value.get<std::string>() : "";
}

std::vector<std::string> words_in(const ConfigValue& map, const std::string& key) {
  const ConfigValue value = value_in(map, key);
  if (value.is_string()) return {value.get<std::string>()};
  std::vector<std::string> words;
  for (const ConfigValue& item : items_in(map, key)) {
    if (item.is_string()) words.push_back(item.get<std::string>());
  }
  return words;
}

std::optional<double> number_in(const ConfigValue& map, const std::string& key) {
  const ConfigValue value = value_in(map, key);
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return std::nullopt;
  const auto& text = value.get_ref<const std::string&>();
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end ? std::optional<double>(number) : std::nullopt;
}

std::vector<ConfigValue> items_in(const ConfigValue& map, const std::string& key) {
  const ConfigValue value = value_in(map, key);
  return value.is_array() ? value.get<std::vector<ConfigValue>>() : std::vector<ConfigValue>();
}

std::string label_of_use(const ConfigValue& use) {
  const std::string label = word_in(use, "as");
  if (!label.empty()) return label;
  std::string name = use.is_string() ? use.get<std::string>() : word_in(use, "name");
  if (name.empty()) name = word_in(use, "reader");
  return name.substr(0, name.find('@'));
}

}  // namespace pressroom
