// Finds plugins by name and loads them, after checking that they fit.
//
//   PluginHost host({"/usr/lib/pressroom/plugins", "./my_plugins"});
//   std::unique_ptr<Method> method = host.make_method("h2o");
//
// Looking for plugins reads each file's manifest and runs none of its code. A plugin is loaded when
// it is first described or made, stays loaded for the life of the process, and one that does not
// fit is an Error when it is asked for and a line in `refused()` before that; the others still
// work.
//
// A plugin is asked for as NAME or as NAME@VERSION, wherever a name is taken here. VERSION is 1,
// 1.2 or 1.2.0, and means the highest version there is that begins so; of two equal ones what a
// folder offers goes first. NAME alone means what a folder offers, else the highest version that is
// installed as a bundle and fits.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugin/manifest.h"
#include "plugin/plugin_catalog.h"
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

// By what a plugin of a host is meant and no other of it: NAME, or NAME@VERSION where it is
// installed as a bundle.
std::string reference_to(const PluginRecord& record);

class PluginHost {
 public:
  // Scans `folders` in order (each for *.so, sorted by name; a missing folder is passed over).
  // A name offered by two files that differ is a problem of both: neither can be made. Of two equal
  // ones the first is taken. `vouched` are installed as bundles: one whose file is missing, or not
  // of the kind, name and version that it should be, is refused; one whose file has another hash is
  // an Error when it is to be loaded, before any of its code has run.
  explicit PluginHost(std::vector<std::filesystem::path> folders,
                      const std::vector<VouchedPlugin>& vouched = {});
  ~PluginHost();
  PluginHost(PluginHost&&) noexcept;

  // From now on names mean these of plugins() alone, and others are Errors that name `said_by`, the
  // file with the choice. Before any is loaded.
  void hold_to(const std::vector<const PluginRecord*>& records, std::filesystem::path said_by);

  // Before any is loaded; kNone at first.
  void set_trial(Trial trial);
  // Is told of each plugin that is tried how that went; nothing: it survived. `name` is what
  // note_trial() takes: reference_to() its record.
  using TrialSink = std::function<void(PluginKind kind, const std::string& name,
                                       const std::optional<Problem>& problem)>;
  void on_trial(TrialSink sink);
  // What another process has found out by a trial: it is not tried again here.
  void note_trial(PluginKind kind, const std::string& name, std::optional<Problem> problem);

  // Plugins that can be asked for, sorted by kind and name; of one name first the one that the name
  // alone means, then by version, highest first.
  const std::vector<PluginRecord>& plugins() const;
  // Files that cannot be used and why, found while scanning.
  const std::vector<Problem>& refused() const;
  // Each once, without versions.
  std::vector<std::string> names(PluginKind kind) const;

  // The record of `name`; Error with a did-you-mean, with the versions there are, or with
  // the reason it was refused.
  const PluginRecord& find(PluginKind kind, const std::string& name) const;
  // Loads the plugin if need be and returns what it says of itself. The reference stays valid.
  const PluginInfo& describe(PluginKind kind, const std::string& name);
  // SHA-256 of the plugin's file, lower-case hex: of the one that is loaded, once it is.
  std::string sha256(PluginKind kind, const std::string& name) const;
  std::string sha256(const PluginRecord& record) const;  // one of plugins()

  // A new object, not yet configured. Whatever the plugin throws becomes an Error that names it.
  std::unique_ptr<Method> make_method(const std::string& name);
  std::unique_ptr<DatasetReader> make_dataset(const std::string& name);
  std::unique_ptr<Metric> make_metric(const std::string& name);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pressroom
