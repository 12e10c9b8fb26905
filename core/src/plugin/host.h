// Finds plugins by name and loads them, after checking that they fit.
//
//   PluginHost host({"/usr/lib/pressroom/plugins", "./my_plugins"});
//   std::unique_ptr<Method> method = host.make_method("h2o");
//
// Looking for plugins reads each file's manifest and runs none of its code. A plugin is loaded when
// it is first described or made, stays loaded for the life of the process, and one that does not
// fit is an Error when it is asked for and a line in `refused()` before that; the others still
// work.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugin/manifest.h"
#include "pressroom/dataset.h"
#include "pressroom/error.h"
#include "pressroom/method.h"
#include "pressroom/metric.h"

namespace pressroom {

// What is done before a plugin is loaded that did not come with the harness.
enum class Trial {
  kNone,     // nothing: what crashes ends this process, under a debugger if need be
  kRefuse,   // it is loaded in another process first; one that does not survive that is an Error
  kStandIn,  // the same, but a method whose file has its declaration is an Error when it is run
};

class PluginHost {
 public:
  // Scans `folders` in order (each for *.so, sorted by name; a missing folder is passed over).
  // A name offered by two files that differ is a problem of both: neither can be made. Of two equal
  // ones the first is taken.
  explicit PluginHost(std::vector<std::filesystem::path> folders);
  ~PluginHost();
  PluginHost(PluginHost&&) noexcept;

  // Before any is loaded; kNone at first.
  void set_trial(Trial trial);
  // Is told of each plugin that is tried how that went; nothing: it survived.
  using TrialSink = std::function<void(PluginKind kind, const std::string& name,
                                       const std::optional<Problem>& problem)>;
  void on_trial(TrialSink sink);
  // What another process has found out by a trial: it is not tried again here.
  void note_trial(PluginKind kind, const std::string& name, std::optional<Problem> problem);

  // Plugins that can be asked for, sorted by kind and name.
  const std::vector<PluginRecord>& plugins() const;
  // Files that cannot be used and why, found while scanning.
  const std::vector<Problem>& refused() const;
  std::vector<std::string> names(PluginKind kind) const;

  // The record of `name`; Error with a did-you-mean, or with the reason it was refused.
  const PluginRecord& find(PluginKind kind, const std::string& name) const;
  // Loads the plugin if need be and returns what it says of itself. The reference stays valid.
  const PluginInfo& describe(PluginKind kind, const std::string& name);
  // SHA-256 of the plugin's file, lower-case hex: of the one that is loaded, once it is.
  std::string sha256(PluginKind kind, const std::string& name) const;

  // A new object, not yet configured. Whatever the plugin throws becomes an Error that names it.
  std::unique_ptr<Method> make_method(const std::string& name);
  std::unique_ptr<DatasetReader> make_dataset(const std::string& name);
  std::unique_ptr<Metric> make_metric(const std::string& name);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pressroom
