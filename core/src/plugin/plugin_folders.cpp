#include "plugin/plugin_folders.h"

#include <algorithm>
#include <boost/dll/runtime_symbol_info.hpp>
#include <cstdlib>
#include <string>
#include <system_error>

// Where `cmake --install` puts plugins, seen from the folder of the installed binary.
#ifndef PRESSROOM_PLUGIN_INSTALL_DIR
#define PRESSROOM_PLUGIN_INSTALL_DIR "../lib/pressroom/plugins"
#endif

namespace pressroom {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> split_at_colons(const std::string& text) {
  std::vector<fs::path> parts;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t colon = std::min(text.find(':', start), text.size());
    if (colon > start) parts.emplace_back(text.substr(start, colon - start));
    start = colon + 1;
  }
  return parts;
}

// Adds `folder` in canonical form when it exists and is not there yet.
bool add_folder(std::vector<fs::path>& folders, const fs::path& folder) {
  std::error_code error;
  const fs::path found = fs::canonical(folder, error);
  if (error || !fs::is_directory(found, error)) return false;
  if (std::find(folders.begin(), folders.end(), found) == folders.end()) folders.push_back(found);
  return true;
}

bool open_to_all(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  const bool holds_code = fs::is_directory(status) || fs::is_regular_file(status);
  return !error && holds_code &&
         (status.permissions() & fs::perms::others_write) != fs::perms::none;
}

Problem problem(const std::string& what, const fs::path& path) {
  return {what, path.string(), "what only its owner may write to",
          "a mode that lets everyone on this machine write",
          "chmod o-w " + path.string() + ", after a look at what is there"};
}

}  // namespace

std::vector<fs::path> installed_plugin_folders() {
  std::vector<fs::path> folders;
  std::error_code error;
  const fs::path binary = boost::dll::program_location(error);
  if (error) return folders;
  add_folder(folders, binary.parent_path() / "../plugins");
  add_folder(folders, binary.parent_path() / PRESSROOM_PLUGIN_INSTALL_DIR);
  return folders;
}

bool is_installed_plugin(const fs::path& file) {
  std::error_code error;
  const fs::path found = fs::canonical(file, error);
  const std::vector<fs::path> folders = installed_plugin_folders();
  return !error && std::find(folders.begin(), folders.end(), found.parent_path()) != folders.end();
}

std::vector<fs::path> plugin_search_path(const std::vector<fs::path>& plugin_dirs) {
  std::vector<fs::path> folders;
  for (const fs::path& folder : plugin_dirs) {
    if (add_folder(folders, folder)) continue;
    throw Error({"the plugin folder does not exist", folder.string(), "a folder with plugins", "",
                 "check the path given with --plugin-dir"});
  }
  if (const char* variable = std::getenv("PRESSROOM_PLUGIN_PATH")) {
    for (const fs::path& folder : split_at_colons(variable)) add_folder(folders, folder);
  }
  for (const fs::path& folder : installed_plugin_folders()) add_folder(folders, folder);
  return folders;
}

std::vector<Problem> writable_by_anyone(const std::vector<fs::path>& folders) {
  std::vector<Problem> problems;
  for (const fs::path& folder : folders) {
    if (open_to_all(folder)) {
      problems.push_back(problem("anyone may put code into the plugin folder", folder));
    }
    std::vector<fs::path> files;
    std::error_code error;
    fs::directory_iterator entry(folder, error);
    for (; !error && entry != fs::directory_iterator(); entry.increment(error)) {
      if (entry->path().extension() != ".so") continue;
      // A link always says that anyone may write; what it leads to counts.
      if (open_to_all(entry->path())) files.push_back(entry->path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      problems.push_back(problem("anyone may change the plugin", file));
    }
  }
  return problems;
}

}  // namespace pressroom
