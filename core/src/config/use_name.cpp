// Which plugin a use asks for.
#include "config/plugin_use.h"
#include "config/schema.h"
#include "plugin/plugin_reference.h"

namespace pressroom {

const ParameterSpec& name_key(PluginKind kind) {
  return config_keys(plugin_section(kind)).front()->spec;
}

std::optional<PluginUseReader::Written> PluginUseReader::read_name(const YamlNode& node,
                                                                   PluginKind kind,
                                                                   bool inner) const {
  if (node.kind == YamlKind::kRefused) return std::nullopt;
  const std::string key = name_key(kind).name;
  const std::string what = std::string(inner ? "inner " : "") + to_string(kind);
  const std::string shape = "a name, or {" + key + ": NAME, parameters}";
  Written written;
  written.kind = kind;
  if (node.kind == YamlKind::kMap) {
    const YamlEntry* entry = node.find(key);
    if (entry == nullptr) {
      const std::string other = key == "name" ? "reader" : "name";
      context_.problems.add(
          node.place, "the " + what + " is not named", shape, "a mapping without \"" + key + '"',
          node.find(other) != nullptr ? "write \"" + key + "\" instead of \"" + other + '"'
                                      : "add \"" + key + ": ...\"");
      return std::nullopt;
    }
    written.map = &node;
    written.name = &entry->value;
  } else {
    written.name = &node;
  }
  const Reading<std::string> name = read_string(*written.name);
  if (name.value && !name.value->empty()) {
    const std::optional<std::string> reference =
        with_version(written.map, *name.value, *written.name);
    if (!reference) return std::nullopt;
    written.use.name = *reference;
    return written;
  }
  if (written.name->kind != YamlKind::kRefused) {
    context_.problems.add(
        written.name->place, std::string("this does not name ") + (inner ? "an " : "a ") + what,
        shape, describe(*written.name),
        name.hint.empty() ? std::string("pressroom list says which there are") : name.hint);
  }
  return std::nullopt;
}

// The name as the plugin is asked for by: NAME@VERSION where a `version` stands beside it. Nothing
// after a problem.
std::optional<std::string> PluginUseReader::with_version(const YamlNode* map,
                                                         const std::string& name,
                                                         const YamlNode& name_node) const {
  const YamlEntry* entry = map == nullptr ? nullptr : map->find("version");
  if (entry == nullptr) return name;
  const YamlNode& version = entry->value;
  if (version.kind == YamlKind::kRefused) return std::nullopt;
  if (plain_name(name) != name) {
    context_.problems.add(name_node.place, "two versions of " + plain_name(name) + " are asked for",
                          "one of them", name + " and version " + describe(version),
                          "leave one of them out");
    return std::nullopt;
  }
  // As it is written: 1.10 is a version, and another than 1.1, although it looks like a number.
  std::string reference = name + '@' + version.text;
  try {
    if (version.kind == YamlKind::kScalar) {
      parse_plugin_reference(reference);
      return reference;
    }
  } catch (const Error&) {  // no version: said below, with its place
  }
  context_.problems.add(version.place, "the version of " + name + " cannot be understood",
                        "1, 1.2 or 1.2.0", describe(version),
                        "write the beginning of a version that pressroom list shows");
  return std::nullopt;
}

}  // namespace pressroom
