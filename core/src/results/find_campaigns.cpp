#include "results/find_campaigns.h"

#include <sys/stat.h>

#include <algorithm>
#include <deque>
#include <fstream>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "base/file_kinds.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// Where the schema of a plan is named: its first field.
constexpr std::size_t kPlanStart = 300;

bool is_plan_of_this_program(const fs::path& file) {
  std::error_code failed;
  if (kind_at(file, failed) != PathKind::kFile) return false;
  std::string start(kPlanStart, '\0');
  std::ifstream stream(file, std::ios::binary);
  stream.read(start.data(), static_cast<std::streamsize>(start.size()));
  return start.find("\"pressroom.plan/") != std::string::npos;
}

class CampaignFinder {
 public:
  void look_below(const fs::path& folder) {
    folders_.push_back(folder);
    while (!folders_.empty() || !links_.empty()) {
      // Links last: a campaign goes by the way on which it lies.
      std::deque<fs::path>& next = folders_.empty() ? links_ : folders_;
      const fs::path here = std::move(next.front());
      next.pop_front();
      if (is_new(here)) look_into(here);
    }
  }

  FoundCampaigns found;

 private:
  bool is_new(const fs::path& folder) {
    struct stat status = {};
    if (::stat(folder.c_str(), &status) != 0) return true;  // look_into() says why
    return seen_.insert({status.st_dev, status.st_ino}).second;
  }

  void look_into(const fs::path& folder) {
    const bool campaign = is_campaign(folder);
    if (campaign) found.directories.push_back(folder);
    std::vector<fs::path> folders;
    std::vector<fs::path> links;
    std::error_code failed;
    for (fs::directory_iterator entry(folder, failed), end; !failed && entry != end;
         entry.increment(failed)) {
      std::error_code gone;
      if (!entry->is_directory(gone)) continue;
      const std::string name = entry->path().filename().string();
      if (campaign && (name == "history" || name == "leases")) continue;
      (entry->is_symlink(gone) ? links : folders).push_back(entry->path());
    }
    if (failed) {
      found.unreadable.push_back({"a folder could not be looked into", folder.string(), "",
                                  failed.message(), "check its permissions"});
    }
    // In the order of their names: which of several links counts is the same everywhere.
    for (auto [names, queue] :
         {std::make_pair(&folders, &folders_), std::make_pair(&links, &links_)}) {
      std::sort(names->begin(), names->end());
      queue->insert(queue->end(), names->begin(), names->end());
    }
  }

  std::deque<fs::path> folders_;
  std::deque<fs::path> links_;
  std::set<std::pair<dev_t, ino_t>> seen_;
};

}  // namespace

bool is_campaign(const fs::path& directory) {
  std::error_code ignored;
  if (is_plan_of_this_program(directory / "plan.json")) return true;
  if (!fs::exists(directory / "config.yaml", ignored)) return false;
  for (const char* left_by_a_run : {"plan.json", "events.jsonl", "leases"}) {
    if (fs::exists(directory / left_by_a_run, ignored)) return true;
  }
  return false;
}

FoundCampaigns find_campaigns(const std::vector<fs::path>& folders) {
  CampaignFinder finder;
  for (const fs::path& folder : folders) {
    std::error_code failed;
    const PathKind kind = kind_at(folder, failed);
    if (kind != PathKind::kFolder) {
      throw Error({"there is no folder to look for campaigns in", folder.string(),
                   "a folder that campaigns lie in, or the directory of one",
                   words_of(kind, failed), "check the path"});
    }
    const auto first = static_cast<std::ptrdiff_t>(finder.found.directories.size());
    finder.look_below(folder);
    std::sort(finder.found.directories.begin() + first, finder.found.directories.end());
  }
  return std::move(finder.found);
}

}  // namespace pressroom
