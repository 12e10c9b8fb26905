// The shared objects that are packed: one plugin, built for one or more kinds of harness.
//
//   const PackedPlugins built = read_plugins(request.plugins, mistakes);
//   built.record->version;                            // "1.2.0"
//   built.members.begin()->first;                     // "variants/.../my_press.so"
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bundle/bundle_archive.h"
#include "bundle/version.h"
#include "plugin/manifest.h"
#include "pressroom/error.h"

namespace pressroom {

struct PackedPlugins {
  BundleMembers members;
  std::optional<PluginRecord> record;  // of the first file; nothing after a mistake in it
  Version version;
  // What each was built with, and the file.
  std::vector<std::pair<SdkVersion, std::string>> sdks;
};

// What is wrong with one of `files`, or with all of them together, goes to `mistakes`: no plugin,
// two plugins or versions, two of one variant, a version that is no MAJOR.MINOR.PATCH. None of
// their code runs.
PackedPlugins read_plugins(const std::vector<std::filesystem::path>& files,
                           std::vector<Problem>& mistakes);

}  // namespace pressroom
