// The keys of a use that are the campaign's and not the plugin's: `as`, `positions`, `kv_dtype`,
// `group`.
#include "config/plugin_use.h"
#include "config/schema.h"
#include "config/section.h"

namespace pressroom {

std::string plugin_section(PluginKind kind) { return std::string(to_string(kind)) + "s[]"; }

void PluginUseReader::read_label(const YamlNode& map, PluginKind kind, PluginUse& use) const {
  const std::string section = plugin_section(kind);
  if (const YamlEntry* as = map.find("as")) {
    const auto label =
        read_value("the label of " + use.name, config_key(section, "as").spec, as->value, context_);
    const std::string text = label ? std::get<std::string>(*label) : use.plain_name();
    // A dataset's is a folder. How long a method's may be is known when its cells are planned.
    const bool is_folder = kind != PluginKind::kMethod;
    if (!(is_folder ? is_file_name(text) : is_file_word(text))) {
      context_.problems.add(as->value.place,
                            "the label of " + use.name + " cannot be part of a file name",
                            is_folder ? kFileName : kFileWord, describe(as->value),
                            "change it: results are filed under it");
    } else if (kind == PluginKind::kMethod && use.plain_name() == kDenseMethod && !use.kv_dtype &&
               !use.server.any() && text != kDenseMethod) {
      context_.problems.add(as->value.place, "dense goes by its own name",
                            "no \"as\": results are compared with it by name", describe(as->value),
                            "remove \"as\"");
    } else if (kind == PluginKind::kMethod && use.label != kDenseMethod && text == kDenseMethod) {
      context_.problems.add(as->value.place, use.name + " cannot go by the baseline's name",
                            "another label than dense: results are compared with it by name",
                            describe(as->value), "choose another label");
    } else {
      use.label = text;
    }
  }
}

void PluginUseReader::read_positions(const YamlNode& map, PluginKind kind, PluginUse& use) const {
  const std::string section = plugin_section(kind);
  const YamlEntry* positions = kind == PluginKind::kMethod ? map.find("positions") : nullptr;
  if (positions == nullptr) return;
  const auto value = read_value("\"positions\" of " + use.name,
                                config_key(section, "positions").spec, positions->value, context_);
  if (value) use.positions = positions_named(std::get<std::string>(*value));
}

void PluginUseReader::read_kv_dtype(const YamlNode& map, PluginKind kind, PluginUse& use) const {
  const YamlEntry* dtype = kind == PluginKind::kMethod ? map.find("kv_dtype") : nullptr;
  if (dtype == nullptr) return;
  const auto value =
      read_value("\"kv_dtype\" of " + use.name, config_key(plugin_section(kind), "kv_dtype").spec,
                 dtype->value, context_);
  if (!value) return;
  use.kv_dtype = parse_kv_dtype(std::get<std::string>(*value));
  use.label = usual_label(use.plain_name(), to_string(*use.kv_dtype));
}

// As with dtypes: a method under constraints is a row beside the one without.
void PluginUseReader::read_server(const YamlNode& map, PluginKind kind, PluginUse& use) const {
  if (kind != PluginKind::kMethod) return;
  use.server = read_constraints(map, plugin_section(kind), use.name, context_);
  use.label += use.server.label_suffix();
}

void PluginUseReader::read_group(const YamlNode& map, PluginKind kind, PluginUse& use) const {
  const YamlEntry* group = kind == PluginKind::kMetric ? nullptr : map.find("group");
  if (group == nullptr) return;
  const auto value =
      read_value("\"group\" of " + use.name, config_key(plugin_section(kind), "group").spec,
                 group->value, context_);
  if (value) use.group = std::get<std::string>(*value);
}

}  // namespace pressroom
