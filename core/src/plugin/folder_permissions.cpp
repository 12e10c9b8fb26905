#include "plugin/folder_permissions.h"

#include <algorithm>
#include <string>
#include <system_error>

namespace pressroom {
namespace {

namespace fs = std::filesystem;

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
