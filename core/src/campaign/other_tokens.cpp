#include "campaign/other_tokens.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

#include "base/whole_file.h"
#include "results/history.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// What cells share their windows by.
using WindowGroup = std::tuple<std::string, std::int64_t, std::uint64_t>;

WindowGroup group_of(const Cell& cell) { return {cell.dataset, cell.context_tokens, cell.seed}; }

// What a stored result says of its windows; "" where it does not.
std::string windows_of(const fs::path& file) {
  std::error_code ignored;
  if (!fs::is_regular_file(file, ignored)) return "";
  const MadeFrom parts = read_made_from(file);
  const auto windows = parts.find("windows");
  return windows == parts.end() ? "" : windows->second;
}

}  // namespace

void add_other_tokens(const std::vector<Job>& jobs, const StoredPlan& before,
                      const fs::path& directory, std::vector<Problem>& problems) {
  std::map<WindowGroup, const Job*> groups;
  for (const Job& job : jobs) groups.emplace(group_of(job.planned->cell), &job);
  const std::optional<fs::path> unfinished = unfinished_extension(directory);
  std::set<std::string> told;
  for (const PlannedFile& planned : before.cells) {
    const auto group = groups.find(group_of(planned.cell));
    if (group == groups.end() || told.count(planned.cell.dataset) > 0) continue;
    std::string windows = windows_of(directory / planned.file);
    if (windows.empty() && unfinished) windows = windows_of(*unfinished / planned.file);
    if (windows.empty()) continue;  // another cell of the group may tell
    const std::string now = group->second->made_from.at("windows");
    groups.erase(group);
    if (now == windows) continue;
    told.insert(planned.cell.dataset);
    problems.push_back({"dataset " + planned.cell.dataset + " means other tokens now",
                        (directory / planned.file).string(),
                        "the windows that its results were made from",
                        "other windows: another text, or other parameters of its reader",
                        "give it another label, as \"as: " + planned.cell.dataset +
                            "_2\", or choose another directory with --out"});
  }
}

}  // namespace pressroom
