// The folders that plugins are looked for in, which of them came with the harness, and who else may
// put code there.
//
//   PluginHost host(plugin_search_path({"./my_plugins"}));
//   for (const Problem& risk : writable_by_anyone(plugin_search_path({}))) warn(risk);
#pragma once

#include <filesystem>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {

// Where plugins are looked for, first to last: `plugin_dirs` (--plugin-dir), the colon-separated
// PRESSROOM_PLUGIN_PATH, the build tree or install prefix that the running binary lies in.
std::vector<std::filesystem::path> plugin_search_path(
    const std::vector<std::filesystem::path>& plugin_dirs);

// The folders of plugins that came with the harness: those of the running binary's build tree, and
// those of its installation.
std::vector<std::filesystem::path> installed_plugin_folders();

// Whether `file` lies in one of them.
bool is_installed_plugin(const std::filesystem::path& file);

// A problem for each of `folders`, and for each *.so in them, that every user of the machine may
// write to: a plugin runs with the rights of who starts the harness. None for what cannot be looked
// at.
std::vector<Problem> writable_by_anyone(const std::vector<std::filesystem::path>& folders);

}  // namespace pressroom
