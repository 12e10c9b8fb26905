// Which plugins came with the harness.
#pragma once

#include <filesystem>
#include <vector>

namespace pressroom {

// The folders of plugins that belong to the running binary: those of its build tree, and those of
// its installation.
std::vector<std::filesystem::path> installed_plugin_folders();

// Whether `file` lies in one of them.
bool is_installed_plugin(const std::filesystem::path& file);

}  // namespace pressroom
