// What is fuzzed of installing: bundles and repositories, through everything that a command does
// with them but for asking the plugin. Each holds a plugin that makes a file when it is loaded.
//
//   for (FuzzTarget& target : install_targets(cli_plugin_dir())) targets.push_back(target);
#pragma once

#include <filesystem>
#include <vector>

#include "fuzz_targets.h"

namespace pressroom {

// install_frame: the bytes of a bundle. install_archive: those of the archive in it. install_member:
// a file in that, "PATH\nBYTES", which its manifest then lists. repository_folder: a file of a
// repository, likewise; "signed PATH\nBYTES" for an index that its key then signs.
//
// What is read or refused must leave no file outside the home, nor one in it that should not be
// there; what is refused must leave the profile as it was, and no plugin may have been loaded.
// Throws std::runtime_error where `plugins` has no such plugin.
std::vector<FuzzTarget> install_targets(const std::filesystem::path& plugins);

}  // namespace pressroom
