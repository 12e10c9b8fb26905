#include "config/config.h"

#include <algorithm>
#include <filesystem>

#include "config/host_catalog.h"
#include "config/overrides.h"
#include "config/plugin_use.h"
#include "config/section.h"
#include "hub/built_in_models.h"
#include "hub/hub_cache.h"
#include "plugin/boundary.h"
#include "plugin/manifest.h"

namespace pressroom {
namespace {

constexpr const char* kModelForms =
    "starter, starter-tasks, a model directory, a .gguf file, or the name of a model in the hub "
    "cache";

// The campaign out of its tree, a map: every key checked against the schema, every plugin against
// what it declares, and the rules that tie keys together. What is wrong goes to the context's
// problems; the result is complete and consistent only when these stay empty.
class CampaignReader {
 public:
  CampaignReader(const YamlNode& root, ConfigCatalog& catalog, const ReadContext& context)
      : root_(root), context_(context), uses_(catalog, context), top_(root, "", context) {}

  CampaignConfig read() {
    CampaignConfig config;
    config.name = name();
    config.model = model();
    config.protocol = protocol();
    config.datasets = plugins("datasets", PluginKind::kDataset);
    config.methods = plugins("methods", PluginKind::kMethod);
    // Before read_amount, which asks whether anything but dense is run.
    add_dense(config);
    read_amount(root_, top_, context_, config);
    for (const std::int64_t seed : top_.list<std::int64_t>("seeds")) {
      config.seeds.push_back(static_cast<std::uint64_t>(seed));
    }
    config.metrics = plugins("metrics", PluginKind::kMetric);
    config.answers = answers(config.protocol.how);
    const auto positions = top_.list<std::string>("positions");
    if (!positions.empty()) config.positions = positions_named(positions.front());
    config.kv_dtype = parse_kv_dtype(top_.value<std::string>("kv_dtype"));
    config.engine = top_.value<std::string>("engine");
    config.device = top_.value<std::string>("device");
    config.dtype = top_.value<std::string>("dtype");
    config.threads = top_.value<std::int64_t>("threads");
    config.beyond_positions = top_.value<bool>("beyond_positions");
    config.outputs = top_.list<std::string>("outputs");
    config.limits = limits();
    config.retries = top_.value<std::int64_t>("retries");
    read_description(top_, context_, config);
    // Its budgets are found on windows that ask nothing.
    if (config.match && config.protocol.how.kind == ProtocolKind::kQuestions) {
      context_.problems.add(top_.node("match")->place, "there is no match under questions",
                            "sparsity or budget", "match", "give the methods one of these");
    }
    config.traces = top_.value<bool>("traces");
    if (config.traces && config.protocol.how.kind == ProtocolKind::kWindow) {
      context_.problems.add(top_.node("traces")->place, "there are no traces under window",
                            "traces: false", "true", "nothing leaves a window's cache");
    }
    return config;
  }

 private:
  std::string name() {
    const YamlEntry* entry = root_.find("name");
    const auto name = top_.value<std::string>("name");
    // What is no text was reported by value().
    const bool is_text = entry != nullptr && read_string(entry->value).value;
    if (is_text && !is_file_name(name)) {
      context_.problems.add(entry->value.place, "the name cannot be that of a folder", kFileName,
                            describe(entry->value), "change it: results are filed under it");
    }
    return name;
  }

  std::string model() {
    const YamlEntry* entry = root_.find("model");
    const auto model = top_.value<std::string>("model");
    if (is_built_in_model(model) || entry == nullptr || !read_string(entry->value).value) {
      return model;
    }
    const std::string path = context_.resolved(model, entry->value.place);
    std::error_code ignored;
    if (!model.empty() && std::filesystem::exists(path, ignored)) return path;
    if (may_be_hub_name(model) && find_snapshot(parse_hub_name(model))) return model;
    // Every misspelt "starter" has the form of a hub name; to pull it would be the wrong advice.
    const std::string near = closest_match(model, built_in_models());
    const Problem missing =
        may_be_hub_name(model) && near.empty()
            ? missing_from_cache(parse_hub_name(model))
            : Problem{"there is no such model", "", kModelForms, model.empty() ? "nothing" : path,
                      !near.empty() ? "did you mean \"" + near + "\"?"
                                    : std::string("check the path; it starts at the ") +
                                          (entry->value.place.source > 0 ? "current folder"
                                                                         : "folder of the config")};
    context_.problems.add(entry->value.place, missing.what, missing.expected, missing.got,
                          missing.fix);
    return path;
  }

  ProtocolConfig protocol() {
    ProtocolConfig protocol;
    const YamlNode* node = mapping_under(
        top_, "protocol", "write \"protocol: {context: 1024, documents: 8}\"", context_);
    if (node == nullptr) return protocol;
    SectionReader section(*node, "protocol", context_);
    protocol.how = read_protocol(section, *node, context_);
    protocol.context = section.list<std::int64_t>("context");
    for (const std::int64_t context : protocol.context) {
      if (context >= protocol.how.least_tokens()) continue;
      context_.problems.add(node->place, "\"protocol.context\" leaves nothing to score",
                            "at least " + std::to_string(protocol.how.least_tokens()) +
                                " tokens under " + protocol.how.text(),
                            std::to_string(context), "raise the context");
    }
    protocol.documents = section.value<std::int64_t>("documents");
    return protocol;
  }

  // The mapping; one word, `answers: generated`, is its `from`.
  const YamlNode* answers_node() {
    const YamlNode* node = top_.node("answers");
    if (node == nullptr || node->kind != YamlKind::kScalar) {
      return mapping_under(top_, "answers", "write \"answers: {from: generated, most_tokens: 64}\"",
                           context_);
    }
    answers_word_.kind = YamlKind::kMap;
    answers_word_.place = node->place;
    answers_word_.entries = {{"from", node->place, *node}};
    return &answers_word_;
  }

  AnswersConfig answers(const Protocol& protocol) {
    AnswersConfig answers;
    const YamlNode* node = answers_node();
    if (node == nullptr) return answers;
    SectionReader section(*node, "answers", context_);
    answers.are_generated = section.value<std::string>("from") == "generated";
    answers.most_tokens = section.value<std::int64_t>("most_tokens");
    answers.stop = section.list<std::string>("stop");
    for (const std::string& stop : answers.stop) {
      if (!stop.empty()) continue;
      context_.problems.add(section.node("stop")->place, "an answer would end before it begins",
                            "texts that are not empty", "\"\"", "leave it out");
    }
    if (answers.are_generated && protocol.kind != ProtocolKind::kQuestions) {
      context_.problems.add(node->place, "answers are generated under questions alone",
                            "protocol: {kind: questions, ...}", protocol.text(),
                            "change the protocol, or let answers be forced");
    }
    return answers;
  }

  CellLimits limits() {
    CellLimits limits;
    const YamlNode* node = mapping_under(
        top_, "limits", "write \"limits: {seconds: 3600, memory_mb: 8000}\"", context_);
    if (node == nullptr) return limits;
    SectionReader section(*node, "limits", context_);
    limits.seconds = section.value<std::int64_t>("seconds");
    limits.stall_seconds = section.value<std::int64_t>("stall_seconds");
    limits.memory_mb = section.value<std::int64_t>("memory_mb");
    return limits;
  }

  std::vector<PluginUse> plugins(const std::string& key, PluginKind kind) {
    const YamlNode* node = top_.node(key);
    if (node == nullptr) return {};
    return uses_.read_list(*node, kind);
  }

  void add_dense(CampaignConfig& config) {
    const auto is_dense = [](const PluginUse& use) { return use.label == kDenseMethod; };
    if (std::any_of(config.methods.begin(), config.methods.end(), is_dense)) return;
    YamlNode name;
    name.kind = YamlKind::kScalar;
    name.text = kDenseMethod;
    name.place = root_.place;
    name.place.line = 0;
    std::optional<PluginUse> dense = uses_.read_use(name, PluginKind::kMethod);
    if (dense) config.methods.insert(config.methods.begin(), std::move(*dense));
  }

  const YamlNode& root_;
  const ReadContext& context_;
  PluginUseReader uses_;
  SectionReader top_;
  YamlNode answers_word_;  // `answers` as a mapping, where it is one word
};

}  // namespace

CampaignConfig load_config(const std::filesystem::path& file,
                           const std::vector<Override>& overrides, ConfigCatalog& catalog) {
  const YamlText text = YamlText::read(file);
  ProblemList problems;
  const ReadContext context{problems, std::filesystem::absolute(file).parent_path(),
                            std::filesystem::current_path()};
  YamlNode root = parse_yaml(text, problems);
  if (root.kind != YamlKind::kMap) {
    throw Error({"a campaign is a mapping", root.place.text(), "KEY: VALUE lines", describe(root),
                 "begin with a copy of configs/quickstart.yaml"});
  }
  // Before the flags, which go over what the file says for its model.
  apply_when_model(root, overrides, exclusive_config_keys(), problems);
  apply_overrides(root, overrides, exclusive_config_keys(), problems);
  CampaignConfig config = CampaignReader(root, catalog, context).read();
  problems.throw_if_any();
  return config;
}

CampaignConfig load_config(const std::filesystem::path& file,
                           const std::vector<Override>& overrides, PluginHost& host) {
  HostCatalog catalog(host);
  return load_config(file, overrides, catalog);
}

PluginUse parse_plugin_use(const std::string& yaml, PluginKind kind, const std::string& origin,
                           ConfigCatalog& catalog) {
  ProblemList problems;
  const std::filesystem::path here = std::filesystem::current_path();
  const ReadContext context{problems, here, here};
  const YamlNode node = parse_yaml(YamlText(yaml, origin, 1), problems);
  std::optional<PluginUse> use = PluginUseReader(catalog, context).read_use(node, kind);
  problems.throw_if_any();
  PRESSROOM_ASSERT(use.has_value());
  return std::move(*use);
}

PluginUse parse_plugin_use(const std::string& yaml, PluginKind kind, const std::string& origin,
                           PluginHost& host) {
  HostCatalog catalog(host);
  return parse_plugin_use(yaml, kind, origin, catalog);
}

namespace {

Parameters parameters_of(const PluginUse& use, PluginHost& host) {
  std::map<std::string, ParameterValue> values = use.values;
  for (const auto& [name, inner] : use.inner) {
    values[name] = InnerMethod(make_configured_method(*inner, host));
  }
  return Parameters(std::move(values));
}

void configure(Plugin& plugin, PluginKind kind, const PluginUse& use, PluginHost& host) {
  const Parameters parameters = parameters_of(use, host);
  at_plugin_boundary(quoted_label(kind, use.name), "being configured",
                     host.find(kind, use.name).file, [&] { plugin.configure(parameters); });
}

}  // namespace

std::unique_ptr<Method> make_configured_method(const PluginUse& use, PluginHost& host) {
  std::unique_ptr<Method> method = host.make_method(use.name);
  configure(*method, PluginKind::kMethod, use, host);
  return method;
}

std::unique_ptr<DatasetReader> make_configured_dataset(const PluginUse& use, PluginHost& host) {
  std::unique_ptr<DatasetReader> reader = host.make_dataset(use.name);
  configure(*reader, PluginKind::kDataset, use, host);
  return reader;
}

std::unique_ptr<Metric> make_configured_metric(const PluginUse& use, PluginHost& host) {
  std::unique_ptr<Metric> metric = host.make_metric(use.name);
  configure(*metric, PluginKind::kMetric, use, host);
  return metric;
}

}  // namespace pressroom
