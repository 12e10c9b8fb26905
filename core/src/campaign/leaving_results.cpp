#include "campaign/leaving_results.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <system_error>

#include "results/history.h"
#include "results/stored_cell.h"

namespace pressroom {

namespace fs = std::filesystem;

std::set<std::string> leaving_files(const DirectoryConfig& stored,
                                    const std::vector<PlannedFile>& now) {
  std::map<std::string, const PlannedFile*> by_file;
  std::set<std::string> leaving;
  for (const PlannedFile& planned : now) {
    by_file[planned.file] = &planned;
    leaving.insert(planned.file);
  }
  for (const PlannedFile& before : stored.plan->cells) {
    const auto next = by_file.find(before.file);
    std::string key = before.content_key;
    if (key.empty()) {
      const auto glance = glance_at_result(stored.directory / before.file);
      if (glance) key = glance->content_key;
    }
    const bool stays = next != by_file.end() && next->second->content_key == key &&
                       same_cell(next->second->cell, before.cell);
    if (stays) {
      leaving.erase(before.file);
    } else {
      leaving.insert(before.file);
    }
  }
  return leaving;
}

bool replaces_results(const DirectoryConfig& stored, const std::vector<PlannedFile>& now) {
  if (!stored.plan) return false;
  const std::optional<fs::path> unfinished = unfinished_extension(stored.directory);
  const std::set<std::string> leaving = leaving_files(stored, now);
  return std::any_of(leaving.begin(), leaving.end(), [&](const std::string& name) {
    std::error_code ignored;
    return fs::exists(stored.directory / name, ignored) ||
           (unfinished && fs::exists(*unfinished / name, ignored));
  });
}

}  // namespace pressroom
