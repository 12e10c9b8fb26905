// The plugins of a host as what a config is checked against.
//
//   HostCatalog catalog(host);
//   PluginUseReader(catalog, context).read_use(node, PluginKind::kMethod);
#pragma once

#include <string>

#include "config/config.h"

namespace pressroom {

class HostCatalog final : public ConfigCatalog {
 public:
  // Borrowed. A plugin is loaded when it is first asked for.
  explicit HostCatalog(PluginHost& host) : host_(host) {}

  const PluginInfo& describe(PluginKind kind, const std::string& name) override {
    return host_.describe(kind, name);
  }

 private:
  PluginHost& host_;
};

}  // namespace pressroom
