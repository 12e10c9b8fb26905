#include "tokenizer/components/component.h"

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

[[noreturn]] void refuse_kind(const std::string& where, const char* key, const char* expected,
                              const json& value) {
  throw Error({std::string("\"") + key + "\" is of another kind than it should be", where, expected,
               shortened(value), kGetAnother});
}

}  // namespace

std::string component_type(const json& component, const std::string& where) {
  if (component.is_null()) return "null";
  return required_text(component, "type", where);
}

const json& member(const json& component, const char* key) {
  static const json kNull;
  const auto found = component.find(key);
  return found == component.end() ? kNull : *found;
}

const json& required(const json& component, const std::string& key, const std::string& where) {
  const auto found = component.find(key);
  if (found != component.end()) return *found;
  throw Error({"the tokenizer lacks a part", where, "a member \"" + key + "\"",
               shortened(component), kGetAnother});
}

const json& required_list(const json& component, const char* key, const std::string& where) {
  const json& value = required(component, key, where);
  if (!value.is_array()) refuse_kind(where, key, "a list", value);
  return value;
}

const json& required_object(const json& component, const char* key, const std::string& where) {
  const json& value = required(component, key, where);
  if (!value.is_object()) refuse_kind(where, key, "an object", value);
  return value;
}

const std::string& required_text(const json& component, const char* key, const std::string& where) {
  const json& value = required(component, key, where);
  if (!value.is_string()) refuse_kind(where, key, "a string", value);
  return value.get_ref<const std::string&>();
}

bool flag(const json& component, const char* key, bool otherwise, const std::string& where) {
  const json& value = member(component, key);
  if (value.is_null()) return otherwise;
  if (!value.is_boolean()) refuse_kind(where, key, "true or false", value);
  return value.get<bool>();
}

std::string json_quoted(const std::string& text) { return shortened(text); }

std::int64_t token_id(const json& value, const std::string& where) {
  const bool integer = value.is_number_integer();
  const bool fits = integer && (!value.is_number_unsigned() ||
                                value.get<std::uint64_t>() <= std::uint64_t{kMaxTokenId});
  if (fits && value.get<std::int64_t>() >= 0) return value.get<std::int64_t>();
  throw Error({"a token id is not usable", where,
               "an integer from 0 to " + std::to_string(kMaxTokenId), shortened(value),
               kGetAnother});
}

void refuse_component(const std::string& where, const std::string& kind, const std::string& type,
                      std::initializer_list<const char*> known, const std::string& fix) {
  std::string expected;
  for (const char* name : known) expected += (expected.empty() ? "" : ", ") + std::string(name);
  throw Error({"unknown " + kind + " " + json_quoted(type), where, expected, json_quoted(type),
               fix.empty() ? "use a model whose tokenizer.json has these components only" : fix});
}

void refuse_option(const std::string& where, const std::string& option, const json& value,
                   const std::string& expected) {
  throw Error({"\"" + option + "\" has a value that is not understood", where, expected,
               shortened(value), "use a model whose tokenizer.json has that value"});
}

}  // namespace pressroom
