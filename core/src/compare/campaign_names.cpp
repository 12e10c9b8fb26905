#include "compare/campaign_names.h"

#include <algorithm>
#include <set>
#include <system_error>

#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> parts_of(const fs::path& directory) {
  std::error_code ignored;
  // Links and ".." give a directory many paths; given twice it would be compared with itself.
  const fs::path full = fs::weakly_canonical(fs::absolute(directory, ignored), ignored);
  std::vector<std::string> parts;
  for (const fs::path& part : full) {
    if (!part.empty()) parts.push_back(part.string());
  }
  return parts;
}

std::string last_parts(const std::vector<std::string>& parts, std::size_t count) {
  std::string text;
  for (std::size_t i = parts.size() - std::min(count, parts.size()); i < parts.size(); ++i) {
    text += (text.empty() ? "" : "/") + parts[i];
  }
  return text;
}

}  // namespace

std::vector<std::string> distinguishing_names(const std::vector<fs::path>& directories) {
  std::vector<std::vector<std::string>> paths;
  std::size_t longest = 1;
  for (const fs::path& directory : directories) {
    paths.push_back(parts_of(directory));
    longest = std::max(longest, paths.back().size());
    if (std::count(paths.begin(), paths.end(), paths.back()) < 2) continue;
    throw Error({"a campaign is given twice", directory.string(),
                 "directories of different campaigns", "", "give each once"});
  }
  std::vector<std::string> names;
  for (std::size_t count = 1; count <= longest; ++count) {
    names.clear();
    for (const auto& path : paths) names.push_back(last_parts(path, count));
    if (std::set<std::string>(names.begin(), names.end()).size() == names.size()) break;
  }
  return names;
}

}  // namespace pressroom
