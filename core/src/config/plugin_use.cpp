#include "config/plugin_use.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>

#include "config/schema.h"

namespace pressroom {
namespace {

// The keys that say which plugin it is come first in its section: `reader` or `name`, `version`.
constexpr std::size_t kNamingKeys = 2;

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
            {"evict_in_blocks", "give it to the outer method"},
            {"heads", "give it to the outer method"},
            {"append_only", "give it to the outer method"},
            {"keep_prompt", "give it to the outer method"},
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
      read_server(*written->map, kind, use);
      read_label(*written->map, kind, use);
      read_positions(*written->map, kind, use);
      read_group(*written->map, kind, use);
    }
  }
  read_parameters(node, *written, *info, use);
  return use;
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

}  // namespace pressroom
