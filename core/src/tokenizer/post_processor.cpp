#include "tokenizer/post_processor.h"

#include <nlohmann/json.hpp>

#include "tokenizer/component.h"

namespace pressroom {
namespace {

using nlohmann::json;

SpecialTemplate read_template(const json& component, const std::string& where) {
  SpecialTemplate result;
  bool text_seen = false;
  for (const json& part : component.at("single")) {
    if (part.contains("Sequence")) {
      const bool text = part.at("Sequence").at("id") == "A";
      if (!text || text_seen) refuse_option(where, "single", component.at("single"), "\"A\" once");
      text_seen = true;
      continue;
    }
    const auto name = part.at("SpecialToken").at("id").get<std::string>();
    for (const json& id : component.at("special_tokens").at(name).at("ids")) {
      (text_seen ? result.after : result.before).push_back(token_id(id, where));
    }
  }
  if (!text_seen) refuse_option(where, "single", component.at("single"), "\"A\" once");
  return result;
}

}  // namespace

SpecialTemplate special_template(const json& component, const std::string& where) {
  const std::string type = component_type(component);
  if (type == "null" || type == "ByteLevel") return {};
  if (type == "TemplateProcessing") return read_template(component, where);
  if (type != "Sequence") {
    refuse_component(where, "post_processor", type,
                     {"null", "ByteLevel", "Sequence", "TemplateProcessing"});
  }
  SpecialTemplate result;
  std::size_t i = 0;
  for (const json& part : component.at("processors")) {
    const SpecialTemplate outer =
        special_template(part, where + ".processors[" + std::to_string(i++) + "]");
    result.before.insert(result.before.begin(), outer.before.begin(), outer.before.end());
    result.after.insert(result.after.end(), outer.after.begin(), outer.after.end());
  }
  return result;
}

}  // namespace pressroom
