#include "tokenizer/component.h"

#include <nlohmann/json.hpp>

#include "pressroom/error.h"

namespace pressroom {
namespace {

using nlohmann::json;

std::string shortened(const json& value) {
  constexpr std::size_t kMost = 120;
  const std::string text = value.dump(-1, ' ', true, json::error_handler_t::replace);
  return text.size() <= kMost ? text : text.substr(0, kMost) + "...";
}

}  // namespace

std::string component_type(const json& component) {
  if (component.is_null()) return "null";
  return component.at("type").get<std::string>();
}

const json& member(const json& component, const char* key) {
  static const json kNull;
  const auto found = component.find(key);
  return found == component.end() ? kNull : *found;
}

bool flag(const json& component, const char* key, bool otherwise) {
  const json& value = member(component, key);
  return value.is_null() ? otherwise : value.get<bool>();
}

std::int64_t token_id(const json& value, const std::string& where) {
  const bool integer = value.is_number_integer();
  const bool fits = integer && (!value.is_number_unsigned() ||
                                value.get<std::uint64_t>() <= std::uint64_t{kMaxTokenId});
  if (fits && value.get<std::int64_t>() >= 0) return value.get<std::int64_t>();
  throw Error({"a token id is not usable", where,
               "an integer from 0 to " + std::to_string(kMaxTokenId), shortened(value),
               "get the tokenizer.json anew; this one is damaged"});
}

void refuse_component(const std::string& where, const std::string& kind, const std::string& type,
                      std::initializer_list<const char*> known, const std::string& fix) {
  std::string expected;
  for (const char* name : known) expected += (expected.empty() ? "" : ", ") + std::string(name);
  throw Error({"unknown " + kind + " \"" + type + "\"", where, expected, type,
               fix.empty() ? "use a model whose tokenizer.json has these components only" : fix});
}

void refuse_option(const std::string& where, const std::string& option, const json& value,
                   const std::string& expected) {
  throw Error({"\"" + option + "\" has a value that is not understood", where, expected,
               shortened(value), "use a model whose tokenizer.json has that value"});
}

}  // namespace pressroom
