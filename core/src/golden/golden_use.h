// How a plugin is used where its golden answers are recorded.
//
//   const ProjectDescription project = read_project(folder);
//   const PluginUse use =
//       golden_use(PluginKind::kDataset, "my_corpus", project.golden, folder, host);
#pragma once

#include <filesystem>
#include <string>

#include "config/config.h"
#include "yaml/yaml_tree.h"

namespace pressroom {

// The plugin called `name` with the `parameters` of its project's bundle.yaml, a map or nothing,
// and the defaults of all others. A relative path starts in `folder`, the project's, so that it
// leads to a file that comes with the source. Loads the plugin. Throws Error, with every place in
// bundle.yaml, for what a campaign would not take.
PluginUse golden_use(PluginKind kind, const std::string& name, const YamlNode& parameters,
                     const std::filesystem::path& folder, PluginHost& host);

}  // namespace pressroom
