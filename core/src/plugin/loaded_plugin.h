// One plugin whose code is in the process.
//
// Loading maps the shared object, compares the sizes of what host and plugin exchange, makes one
// object and checks what it says of itself. After that the plugin has proved that it fits.
#pragma once

#include <memory>

#include "plugin/host.h"
#include "pressroom/plugin.h"

namespace pressroom {

class LoadedPlugin {
 public:
  // Throws Error when any of the steps above fails. The shared object stays mapped for the life of
  // the process either way.
  explicit LoadedPlugin(PluginRecord record);

  // What describe() of a fresh object returned.
  const PluginInfo& info() const { return info_; }

  // A new object of the record's kind. Throws Error, whatever the plugin throws. Thread-safe as far
  // as the plugin's constructor is.
  std::unique_ptr<Plugin> create() const;

 private:
  [[noreturn]] void fail(const std::string& what, const std::string& expected,
                         const std::string& got, const std::string& fix) const;
  void load();
  void check_descriptor() const;

  PluginRecord record_;
  std::string label_;  // method "h2o"
  const PluginDescriptor* descriptor_ = nullptr;
  PluginInfo info_;
};

}  // namespace pressroom
