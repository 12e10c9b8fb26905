// One plugin whose code is in the process.
//
// Loading maps the shared object, compares the sizes of what host and plugin exchange, makes one
// object and checks what it says of itself. After that the plugin has proved that it fits.
//
//   const LoadedPlugin plugin(read_manifest("plugins/pressroom_method_h2o.so"));
//   plugin.info().parameters;
//   std::unique_ptr<Plugin> method = plugin.create();
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugin/manifest.h"
#include "pressroom/error.h"
#include "pressroom/plugin.h"
#include "pressroom/plugin_base.h"

namespace pressroom {

// Every contradiction in what a plugin says of its parameters, none when that is sound: each would
// make every config that uses the plugin wrong. They are names that are not [a-z][a-z0-9_]*, that
// are declared twice (aliases count) or that a config entry uses itself (`name`, `version`, `as`,
// `positions`); defaults of another type than declared, outside the declared range, or not among
// the declared choices. `plugin` and `where` are what the problems call the plugin and its file.
std::vector<Problem> declaration_problems(const PluginInfo& info, const std::string& plugin,
                                          const std::string& where);

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
