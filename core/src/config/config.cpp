#include "config/config.h"

#include "config/catalog.h"
#include "config/check.h"
#include "config/plugin_use.h"
#include "config/schema.h"
#include "config/when_model.h"
#include "config/yaml_override.h"

namespace pressroom {
namespace {

class HostCatalog : public ConfigCatalog {
 public:
  explicit HostCatalog(PluginHost& host) : host_(host) {}
  const PluginInfo& describe(PluginKind kind, const std::string& name) override {
    return host_.describe(kind, name);
  }

 private:
  PluginHost& host_;
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
  apply_when_model(root, overrides, exclusive_config_keys(), problems);
  apply_overrides(root, overrides, exclusive_config_keys(), problems);
  CampaignConfig config = check_campaign(root, catalog, context);
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

}  // namespace pressroom
