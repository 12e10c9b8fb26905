// A new plugin as a project of its own: its files, and the folder that gets them.
//
//   write_project("my_method", project_files(PluginKind::kMethod, "my_method"));
//
// The folder is laid out as a plugin's in Pressroom's own tree is, so that one that is taken in is
// moved there as it is. Its test lies in a folder of its own for that reason: what lies beside the
// plugin's source is a source of the plugin.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "plugin/manifest.h"

namespace pressroom {

struct ProjectFile {
  std::filesystem::path path;  // within the project
  std::string text;
  std::string purpose;      // a few words, for who has just got it
  bool is_program = false;  // may be executed
};

// The files of a project that builds and whose tests pass; what is to be filled in comes first.
// `name` is one that a plugin may have (plugin_name.h).
std::vector<ProjectFile> project_files(PluginKind kind, const std::string& name);

// The files of a project for a method that was written in Python; `module`: its bytes, saved as
// TorchScript. There is no source in it, and no table of cases: it is tried as every method is.
std::vector<ProjectFile> python_project_files(const std::string& name, std::string module);

// Writes `files` into `folder`, all of them or none. The folder is empty, or is made in one that is
// there. Throws Error where it is neither, and where nothing can be written.
void write_project(const std::filesystem::path& folder, const std::vector<ProjectFile>& files);

}  // namespace pressroom
