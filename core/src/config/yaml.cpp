// The resolved campaign as YAML: frozen beside the results, and loaded again to finish them.
#include <string>

#include "config/config.h"
#include "plugin/plugin_reference.h"
#include "yaml/yaml_tree.h"

namespace pressroom {
namespace {

template <typename T>
std::string list(const std::vector<T>& values) {
  std::string text;
  for (const T& value : values) {
    if (!text.empty()) text += ", ";
    if constexpr (std::is_same_v<T, std::uint64_t>) {
      text += std::to_string(value);
    } else {
      text += to_string(ParameterValue(value));
    }
  }
  return '[' + text + ']';
}

struct ValueYaml {
  std::string operator()(const std::string& text) const { return yaml_string(text); }
  std::string operator()(const std::vector<std::string>& texts) const {
    std::string joined;
    for (const std::string& text : texts)
      joined += (joined.empty() ? "" : ", ") + yaml_string(text);
    return '[' + joined + ']';
  }
  template <typename T>
  std::string operator()(const T& value) const {
    return to_string(ParameterValue(value));
  }
};

std::string use_yaml(const PluginUse& use, const char* name_key) {
  std::string text = std::string("{") + name_key + ": " + yaml_string(use.name);
  if (use.label != use.plain_name()) text += ", as: " + yaml_string(use.label);
  if (use.kv_dtype) text += std::string(", kv_dtype: ") + to_string(*use.kv_dtype);
  for (const auto& [name, value] : use.server.settings()) text += ", " + name + ": " + value;
  if (!use.group.empty()) text += ", group: " + yaml_string(use.group);
  if (use.positions) text += std::string(", positions: ") + to_string(*use.positions);
  for (const auto& [name, value] : use.values) {
    text += ", " + yaml_string(name) + ": " + std::visit(ValueYaml(), value);
  }
  for (const auto& [name, inner] : use.inner) {
    text += ", " + yaml_string(name) + ": " + use_yaml(*inner, "name");
  }
  return text + '}';
}

std::string uses_yaml(const char* key, const std::vector<PluginUse>& uses, const char* name_key) {
  std::string text = std::string(key) + ":\n";
  for (const PluginUse& use : uses) text += "  - " + use_yaml(use, name_key) + '\n';
  return text;
}

std::string protocol_yaml(const Protocol& protocol) {
  std::string text = std::string("  kind: ") + to_string(protocol.kind) + '\n';
  for (const auto& [name, value] : protocol.settings()) text += "  " + name + ": " + value + '\n';
  return text;
}

std::string match_yaml(const MatchConfig& match) {
  return "match:\n  to: " + yaml_string(match.to) + "\n  by: " + yaml_string(match.by) +
         "\n  documents: " + std::to_string(match.documents) +
         "\n  tolerance: " + to_string(ParameterValue(match.tolerance)) + '\n';
}

std::string answers_yaml(const AnswersConfig& answers) {
  std::string text = std::string("answers:\n  from: ") +
                     (answers.are_generated ? "generated" : "forced") +
                     "\n  most_tokens: " + std::to_string(answers.most_tokens) + '\n';
  if (!answers.stop.empty()) text += "  stop: " + ValueYaml()(answers.stop) + '\n';
  return text;
}

std::string limits_yaml(const CellLimits& limits) {
  return "limits:\n  seconds: " + std::to_string(limits.seconds) +
         "\n  stall_seconds: " + std::to_string(limits.stall_seconds) +
         "\n  memory_mb: " + std::to_string(limits.memory_mb) + '\n';
}

// Only what was said: most campaigns say nothing of this.
std::string description_yaml(const CampaignDescription& said) {
  std::string text;
  const auto add = [&text](const char* key, const std::vector<std::string>& words) {
    if (!words.empty()) text += std::string(key) + ": " + ValueYaml()(words) + '\n';
  };
  if (!said.notes.empty()) text += "notes: " + yaml_string(said.notes) + '\n';
  add("tags", said.tags);
  add("columns", said.columns);
  if (!said.margins.empty()) text += "margins:\n";
  for (const auto& [name, margin] : said.margins) {
    text += "  " + yaml_string(name) + ": " + to_string(ParameterValue(margin)) + '\n';
  }
  if (said.without.empty() && said.formats.empty()) return text;
  text += "report:\n  figures:\n";
  add("    without", said.without);
  add("    formats", said.formats);
  return text;
}

}  // namespace

std::string PluginUse::plain_name() const { return pressroom::plain_name(name); }

std::string PluginUse::text() const { return use_yaml(*this, "name"); }

std::string to_yaml(const CampaignConfig& config) {
  std::string text = "name: " + yaml_string(config.name) + '\n';
  text += "model: " + yaml_string(config.model) + '\n';
  text += "protocol:\n";
  text += protocol_yaml(config.protocol.how);
  text += "  context: " + list(config.protocol.context) + '\n';
  text += "  documents: " + std::to_string(config.protocol.documents) + '\n';
  text += uses_yaml("datasets", config.datasets, "reader");
  text += uses_yaml("methods", config.methods, "name");
  if (!config.sparsity.empty()) text += "sparsity: " + list(config.sparsity) + '\n';
  if (!config.budget.empty()) text += "budget: " + list(config.budget) + '\n';
  if (config.match) text += match_yaml(*config.match);
  text += "seeds: " + list(config.seeds) + '\n';
  text += uses_yaml("metrics", config.metrics, "name");
  // Only where answers are generated: nothing else is made of the rest.
  if (config.answers.are_generated) text += answers_yaml(config.answers);
  if (config.positions) text += std::string("positions: ") + to_string(*config.positions) + '\n';
  text += "engine: " + yaml_string(config.engine) + '\n';
  text += "device: " + yaml_string(config.device) + '\n';
  text += "dtype: " + yaml_string(config.dtype) + '\n';
  // Only where it is said: the digest of a config is not to change for those that do not.
  if (config.kv_dtype != KvDtype::kFloat32) {
    text += std::string("kv_dtype: ") + to_string(config.kv_dtype) + '\n';
  }
  text += "threads: " + std::to_string(config.threads) + '\n';
  text += std::string("beyond_positions: ") + (config.beyond_positions ? "true" : "false") + '\n';
  text += std::string("traces: ") + (config.traces ? "true" : "false") + '\n';
  const CampaignConfig usual;
  if (config.limits != usual.limits) text += limits_yaml(config.limits);
  if (config.retries != usual.retries) text += "retries: " + std::to_string(config.retries) + '\n';
  if (!config.outputs.empty()) text += "outputs: " + ValueYaml()(config.outputs) + '\n';
  text += description_yaml(config.description);
  if (!config.plugin_dirs.empty()) {
    text += "plugin_dirs: " + ValueYaml()(config.plugin_dirs) + '\n';
  }
  if (!config.on_end.empty()) text += "on_end: " + yaml_string(config.on_end) + '\n';
  return text;
}

}  // namespace pressroom
