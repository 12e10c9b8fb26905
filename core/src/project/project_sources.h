// The files of a plugin's project that travel in its bundle, under src/.
//
//   std::vector<Problem> mistakes;
//   const ProjectSources sources = read_sources(folder, mistakes);
//   sources.members.at("src/CMakeLists.txt").bytes;
//
// Where the folder is under git, those that git tracks - and those that it would, were they added:
// a tree with such files is dirty. Elsewhere all but what a build leaves: folders called build,
// build-* and cmake-build-* or with a CMakeCache.txt in them, *.so, compile_commands.json, and
// hidden files and folders other than .clang-format and .gitignore.
#pragma once

#include <filesystem>
#include <optional>
#include <vector>

#include "bundle/bundle_archive.h"
#include "bundle/bundle_manifest.h"
#include "pressroom/error.h"

namespace pressroom {

struct ProjectSources {
  BundleMembers members;               // "src/..."
  std::optional<BundleSource> source;  // what git calls it; nothing where there is no commit
  std::vector<std::string> changes;    // against that commit; nothing where there is no git
};

// Reads them. A file may be executed where git says so, or else its owner may. What cannot be in a
// bundle - links, submodules, pipes, names that are not ASCII, more than a bundle may hold - goes
// to `mistakes`, all of it, and is left out. Throws Error where git or the folder cannot be read.
ProjectSources read_sources(const std::filesystem::path& folder, std::vector<Problem>& mistakes);

}  // namespace pressroom
