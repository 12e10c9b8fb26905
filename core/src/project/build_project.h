// Builds a plugin's project, with CMake and against the Pressroom that runs.
//
//   build_project(folder, folder / "build", run_tool, "see what it said, above");
//   for (const fs::path& plugin : built_plugins(folder / "build")) ...
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace pressroom {

// Runs a program of CMake's and returns its exit code; who gives it says where its output goes.
using ToolRunner = std::function<int(const std::vector<std::string>& words)>;

// Configures the project in `source` and builds it in `build`, Release, with Ninja where that is
// there. CMAKE_GENERATOR, and the generator that a build folder already has, are respected. Throws
// Error where a step fails; `what_it_said` tells where to read more ("see what it said, above").
void build_project(const std::filesystem::path& source, const std::filesystem::path& build,
                   const ToolRunner& run_tool, const std::string& what_it_said);

// The shared objects directly in a build folder, sorted by name.
std::vector<std::filesystem::path> built_plugins(const std::filesystem::path& build);

}  // namespace pressroom
