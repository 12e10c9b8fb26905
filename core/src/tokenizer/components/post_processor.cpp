#include "tokenizer/components/post_processor.h"

#include <nlohmann/json.hpp>

#include "tokenizer/components/component.h"

namespace pressroom {
namespace {

using nlohmann::json;

SpecialTemplate read_template(const json& component, const std::string& where) {
  SpecialTemplate result;
  bool text_seen = false;
  const json& parts = required_list(component, "single", where);
  for (const json& part : parts) {
    if (part.contains("Sequence")) {
      const bool text = member(part["Sequence"], "id") == "A";
      if (!text || text_seen) refuse_option(where, "single", parts, "\"A\" once");
      text_seen = true;
      continue;
    }
    const json& token = required(part, "SpecialToken", where + ".single");
    const std::string& name = required_text(token, "id", where + ".single");
    const json& tokens = required_object(component, "special_tokens", where);
    const json& known = required(tokens, name, where + ".special_tokens");
    for (const json& id : required_list(known, "ids", where + ".special_tokens")) {
      (text_seen ? result.after : result.before).push_back(token_id(id, where));
    }
  }
  if (!text_seen) refuse_option(where, "single", parts, "\"A\" once");
  return result;
}

}  // namespace

SpecialTemplate special_template(const json& component, const std::string& where) {
  const std::string type = component_type(component, where);
  if (type == "null" || type == "ByteLevel") return {};
  if (type == "TemplateProcessing") return read_template(component, where);
  if (type != "Sequence") {
    refuse_component(where, "post_processor", type,
                     {"null", "ByteLevel", "Sequence", "TemplateProcessing"});
  }
  SpecialTemplate result;
  std::size_t i = 0;
  for (const json& part : required_list(component, "processors", where)) {
    const SpecialTemplate outer =
        special_template(part, where + ".processors[" + std::to_string(i++) + "]");
    result.before.insert(result.before.begin(), outer.before.begin(), outer.before.end());
    result.after.insert(result.after.end(), outer.after.begin(), outer.after.end());
  }
  return result;
}

}  // namespace pressroom
