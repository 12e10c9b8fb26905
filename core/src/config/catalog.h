// What checking a config asks of the plugins, and the same checks for any that can answer:
// `PluginHost` in the program, a table in tests.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "config/config.h"

namespace pressroom {

class ConfigCatalog {
 public:
  virtual ~ConfigCatalog() = default;
  // What the plugin says of itself; valid as long as the catalog. Error, with the nearest name or
  // the reason, when there is no such plugin that can be used; the place in the config is put to it
  // by the caller.
  virtual const PluginInfo& describe(PluginKind kind, const std::string& name) = 0;
};

// As the functions of config.h that take a PluginHost.
CampaignConfig load_config(const std::filesystem::path& file,
                           const std::vector<Override>& overrides, ConfigCatalog& catalog);
PluginUse parse_plugin_use(const std::string& yaml, PluginKind kind, const std::string& origin,
                           ConfigCatalog& catalog);

}  // namespace pressroom
