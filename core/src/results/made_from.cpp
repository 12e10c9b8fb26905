#include "results/made_from.h"

#include <nlohmann/json.hpp>

#include "base/sha256.h"

namespace pressroom {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kHashDigits = 64;
constexpr std::size_t kShownDigits = 8;

std::string text_of(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

// A plugin, its parameters and those it takes with it.
void add_plugin(const std::string& kind, const Json& use, MadeFrom& parts) {
  const std::string name = kind + " " + use.at("name").get<std::string>();
  parts[name] = use.at("sha256");
  const auto parameters = use.find("parameters");
  if (parameters != use.end()) parts["parameters of " + name] = text_of(*parameters);
  const auto inner = use.find("inner");
  if (inner == use.end()) return;
  for (const auto& [key, one] : inner->items()) add_plugin("method", one, parts);
}

std::string shown(const std::string& value) {
  const bool hash = value.size() == kHashDigits &&
                    value.find_first_not_of("0123456789abcdef") == std::string::npos;
  return hash ? value.substr(0, kShownDigits) : value;
}

}  // namespace

MadeFrom made_from(const Json& key) {
  MadeFrom parts;
  for (const auto& [name, value] : key.items()) {
    if (name == "method") {
      add_plugin(name, value, parts);
    } else if (name == "metrics") {
      for (const Json& metric : value) add_plugin("metric", metric, parts);
    } else if (name == "model") {
      parts["config.json of the model"] = value.at(0);
      parts["weights"] = value.at(1);
      parts["tokenizer"] = value.at(2);
    } else if (value.is_string()) {
      parts[name] = value;
    } else {
      parts[name] = value.is_primitive() ? text_of(value) : sha256_hex(text_of(value));
    }
  }
  return parts;
}

std::string what_changed(const MadeFrom& before, const MadeFrom& now) {
  std::string text;
  for (const auto& [name, value] : now) {
    const auto old = before.find(name);
    if (old == before.end() || old->second == value) continue;
    text += (text.empty() ? "" : ", ") + name + " changed";
    // Hashes of windows differ for each context and seed; they tell a reader nothing.
    if (name != "windows") text += ": " + shown(old->second) + " -> " + shown(value);
  }
  return text.empty() ? "what it was made from changed" : text;
}

}  // namespace pressroom
