// The constraints of a server, as a protocol and a method's use give them.
#include "config/plugin_use.h"
#include "config/section.h"

namespace pressroom {

ConstraintChoice read_constraints(const YamlNode& map, const std::string& section,
                                  const std::string& owner, const ReadContext& context) {
  const auto given = [&](const char* name) -> std::optional<ParameterValue> {
    const YamlEntry* entry = map.find(name);
    if (entry == nullptr) return std::nullopt;
    const ConfigKey& key = config_key(section, name);
    const std::string subject =
        owner.empty() ? '"' + key.path() + '"' : '"' + key.spec.name + "\" of " + owner;
    return read_value(subject, key.spec, entry->value, context);
  };
  ConstraintChoice choice;
  if (const auto page = given("evict_in_blocks")) {
    choice.evict_in_blocks = std::get<std::int64_t>(*page);
  }
  if (const auto heads = given("heads")) {
    choice.heads_together = std::get<std::string>(*heads) == "together";
  }
  if (const auto only = given("append_only")) choice.append_only = std::get<bool>(*only);
  if (const auto keep = given("keep_prompt")) choice.keep_prompt = std::get<bool>(*keep);
  return choice;
}

}  // namespace pressroom
