#include "config/plugin_use.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "config/schema.h"
#include "plugin/plugin_reference.h"

namespace pressroom {
namespace {

// The keys that say which plugin it is come first in its section: `reader` or `name`, `version`.
constexpr std::size_t kNamingKeys = 2;

const ParameterSpec& name_key(PluginKind kind) {
  return config_keys(plugin_section(kind)).front()->spec;
}

std::vector<const ParameterSpec*> own_keys(PluginKind kind, bool inner) {
  std::vector<const ParameterSpec*> specs;
  for (const ConfigKey* key : config_keys(plugin_section(kind))) {
    if (!inner || specs.size() < kNamingKeys) specs.push_back(&key->spec);
  }
  return specs;
}

// Keys that people write into a use of a plugin although they belong elsewhere.
std::vector<std::pair<std::string, std::string>> keys_of_others(bool inner) {
  std::vector<std::pair<std::string, std::string>> keys;
  if (inner) {
    return {{"as", "remove it: the outer method has the label"},
            {"positions", "give it to the outer method"},
            {"kv_dtype", "give it to the outer method"},
            {"group", "give it to the outer method"}};
  }
  for (const ConfigKey* key : config_keys("")) {
    if (key->shape == KeyShape::kPlugins || key->spec.name == "name") continue;
    const std::string advice = "it holds for the whole campaign: write it at the top level";
    keys.emplace_back(key->spec.name, advice);
    for (const std::string& alias : key->spec.aliases) keys.emplace_back(alias, advice);
  }
  return keys;
}

// The default of `spec`; a relative path in it starts where one in the config would.
ParameterValue completed(const ParameterSpec& spec, const YamlPlace& place,
                         const ReadContext& context) {
  if (spec.type != ParameterType::kPath) return spec.default_value;
  const auto& path = std::get<std::string>(spec.default_value);
  return path.empty() ? path : context.resolved(path, place);
}

}  // namespace

std::vector<PluginUse> PluginUseReader::read_list(const YamlNode& node, PluginKind kind) const {
  std::vector<PluginUse> uses;
  if (node.kind == YamlKind::kSequence && node.items.empty()) {
    context_.problems.add(node.place, std::string("the list of ") + to_string(kind) + "s is empty",
                          "at least one", "[]", "write at least one");
  }
  std::map<std::string, YamlPlace> labels;
  for (const YamlNode* item : items_of(node)) {
    std::optional<PluginUse> use = read_use(*item, kind);
    if (!use) continue;
    const auto [first, is_new] = labels.emplace(use->label, item->place);
    if (!is_new) {
      context_.problems.add(
          item->place, std::string("two ") + to_string(kind) + "s are called \"" + use->label + '"',
          "a different label for each", "the other is at " + first->second.text(),
          "give one of them a label: {" + name_key(kind).name + ": " + use->name +
              ", as: " + use->plain_name() + "_2, ...}");
    }
    uses.push_back(std::move(*use));
  }
  return uses;
}

std::optional<PluginUse> PluginUseReader::read_use(const YamlNode& node, PluginKind kind) const {
  return read_use(node, kind, false);
}

std::optional<PluginUse> PluginUseReader::read_use(const YamlNode& node, PluginKind kind,
                                                   bool inner) const {
  std::optional<Written> written = read_name(node, kind, inner);
  if (!written) return std::nullopt;
  const PluginInfo* info = look_up(*written);
  if (info == nullptr) return std::nullopt;
  PluginUse use = written->use;
  use.label = use.plain_name();
  if (written->map != nullptr) {
    std::vector<const ParameterSpec*> specs;
    for (const ParameterSpec& spec : info->parameters) specs.push_back(&spec);
    for (const ParameterSpec* spec : own_keys(kind, inner)) specs.push_back(spec);
    written->misspelt = refuse_unknown_keys(*written->map, specs, use.name, keys_of_others(inner),
                                            context_.problems, manual_of_plugin(use.name));
    if (!inner) {
      read_kv_dtype(*written->map, kind, use);
      read_label(*written->map, kind, use);
      read_positions(*written->map, kind, use);
      read_group(*written->map, kind, use);
    }
  }
  read_parameters(node, *written, *info, use);
  return use;
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

const PluginInfo* PluginUseReader::look_up(const Written& written) const {
  try {
    return &catalog_.describe(written.kind, written.use.name);
  } catch (const Error& error) {
    for (const Problem& problem : error.problems()) {
      const std::string at = problem.where.empty() ? "" : " (" + problem.where + ')';
      context_.problems.add(written.name->place, problem.what + at, problem.expected, problem.got,
                            problem.fix);
    }
    return nullptr;
  }
}

void PluginUseReader::read_parameters(const YamlNode& node, const Written& written,
                                      const PluginInfo& info, PluginUse& use) const {
  for (const ParameterSpec& spec : info.parameters) {
    const YamlEntry* entry =
        written.map == nullptr ? nullptr : find_declared(*written.map, spec, context_.problems);
    if (entry != nullptr) {
      read_parameter(spec, entry->value, written, use);
    } else if (spec.required()) {
      const auto& misspelt = written.misspelt;
      if (std::find(misspelt.begin(), misspelt.end(), spec.name) != misspelt.end()) continue;
      const std::string entry_text = spec.name + ": ...";
      context_.problems.add(node.place, use.name + " needs \"" + spec.name + '"',
                            spec.accepts() + (spec.help_text.empty() ? "" : ": " + spec.help_text),
                            "nothing",
                            written.map != nullptr ? "add \"" + entry_text + '"'
                                                   : "write {" + name_key(written.kind).name +
                                                         ": " + use.name + ", " + entry_text + '}');
    } else {
      use.values[spec.name] = completed(spec, node.place, context_);
    }
  }
}

void PluginUseReader::read_parameter(const ParameterSpec& spec, const YamlNode& node,
                                     const Written& written, PluginUse& use) const {
  if (spec.type == ParameterType::kMethod) {
    std::optional<PluginUse> inner = read_use(node, PluginKind::kMethod, true);
    if (inner) use.inner[spec.name] = std::make_shared<const PluginUse>(std::move(*inner));
    return;
  }
  const std::string subject = '"' + spec.name + "\" of " + written.use.name;
  std::optional<ParameterValue> value =
      read_value(subject, spec, node, context_, "", manual_of_plugin(written.use.name));
  if (value) use.values[spec.name] = std::move(*value);
}

// The keys of a use that are the campaign's and not the plugin's: `as`, `positions`, `kv_dtype`.
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
               text != kDenseMethod) {
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

// Two dtypes of a method are two rows: the dtype stands in the label, where there is no other.
void PluginUseReader::read_kv_dtype(const YamlNode& map, PluginKind kind, PluginUse& use) const {
  const YamlEntry* dtype = kind == PluginKind::kMethod ? map.find("kv_dtype") : nullptr;
  if (dtype == nullptr) return;
  const auto value =
      read_value("\"kv_dtype\" of " + use.name, config_key(plugin_section(kind), "kv_dtype").spec,
                 dtype->value, context_);
  if (!value) return;
  use.kv_dtype = parse_kv_dtype(std::get<std::string>(*value));
  use.label = use.plain_name() + '_' + to_string(*use.kv_dtype);
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
