// What git says of a folder: the commit, whether anything differs from it, which files it tracks.
//
//   if (const std::optional<GitFacts> git = git_facts(project)) ...   // nothing: no git there
//   git->commit;          // "8e2e244c...", "" before the first one
//   git->changes;         // {" M my_press.cpp", "?? notes.txt"}; empty: the tree is clean
//
// Asks the program git, in PATH, which reads and changes nothing.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace pressroom {

struct GitFile {
  bool executable = false;
  bool is_link = false;
  bool is_submodule = false;
};

struct GitFacts {
  std::string commit;                    // 40 or 64 hex digits; "" where nothing is committed
  std::vector<std::string> changes;      // below the folder, as `git status --porcelain` has them
  std::map<std::string, GitFile> files;  // what it tracks below the folder, by relative path
  std::vector<std::string> others;       // what it neither tracks nor is told to ignore
};

// Nothing where `folder` is in no working tree of git, or in one that is told to ignore it. Throws
// Error where it is in one and git cannot be asked, or refuses to answer.
std::optional<GitFacts> git_facts(const std::filesystem::path& folder);

}  // namespace pressroom
