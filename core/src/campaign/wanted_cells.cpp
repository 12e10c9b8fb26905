#include "campaign/wanted_cells.h"

#include <algorithm>
#include <filesystem>
#include <set>

#include "campaign/jobs.h"
#include "campaign/prepared_campaign.h"
#include "pressroom/error.h"

namespace pressroom {

void keep_wanted(const WantedCells& wanted, PreparedCampaign& campaign) {
  const auto is_wanted = [&](const PlannedCell& planned) {
    return wanted.count(result_file(planned, campaign.config)) > 0;
  };
  std::vector<PlannedCell>& cells = campaign.cells;
  cells.erase(std::remove_if(cells.begin(), cells.end(),
                             [&](const PlannedCell& planned) { return !is_wanted(planned); }),
              cells.end());
  if (!cells.empty()) return;
  throw Error({"none of the cells is in the plan of the campaign's config", "",
               wanted.empty() ? "cells" : wanted.begin()->first, "another plan",
               "run the campaign again: its plan is of another version"});
}

void check_wanted(const WantedCells& wanted, const std::vector<Job>& jobs) {
  std::set<std::string> reasons;
  std::vector<Problem> problems;
  for (const Job& job : jobs) {
    const std::string file =
        (std::filesystem::path(job.folder) / (job.planned->cell.file_stem() + ".json")).string();
    const auto found = wanted.find(file);
    if (found == wanted.end() || found->second.content_key.empty()) continue;
    if (found->second.content_key == job.content_key) continue;
    const std::string reason = what_changed(found->second.made_from, job.made_from);
    if (!reasons.insert(reason).second) continue;
    problems.push_back({"a cell would be made from something else than its stored result", file,
                        "the plugins, model files and texts that the result was made from", reason,
                        "get these (--plugin-dir, --set), or compare all the same by --changed"});
  }
  if (!problems.empty()) throw Error(problems);
}

}  // namespace pressroom
