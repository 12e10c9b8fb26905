#include "campaign/wanted_cells.h"

#include <algorithm>
#include <set>

#include "campaign/jobs.h"
#include "campaign/prepared_campaign.h"
#include "pressroom/error.h"

namespace pressroom {

void keep_wanted(const WantedCells& wanted, PreparedCampaign& campaign) {
  std::set<std::string> there;
  std::vector<PlannedCell>& cells = campaign.cells;
  const auto is_other = [&](const PlannedCell& planned) {
    const std::string file = result_file(planned, campaign.config);
    if (wanted.count(file) == 0) return true;
    there.insert(file);
    return false;
  };
  cells.erase(std::remove_if(cells.begin(), cells.end(), is_other), cells.end());
  const auto missing = std::find_if(wanted.begin(), wanted.end(), [&](const auto& entry) {
    return there.count(entry.first) == 0;
  });
  if (missing == wanted.end() || (campaign.config.match && !cells.empty())) return;
  throw Error({std::to_string(wanted.size() - there.size()) + " of " +
                   std::to_string(wanted.size()) + " cells are not in the plan of the config",
               missing->first, "a config that plans it", "one that does not",
               "leave out what --set changes of it, or run the campaign again: its plan may be of "
               "another version"});
}

void check_wanted(const WantedCells& wanted, const CampaignConfig& config,
                  const std::vector<Job>& jobs) {
  std::set<std::string> reasons;
  std::vector<Problem> problems;
  for (const Job& job : jobs) {
    const auto found = wanted.find(result_file(*job.planned, config));
    if (found == wanted.end() || found->second.content_key.empty()) continue;
    if (found->second.content_key == job.content_key) continue;
    const std::string reason = what_changed(found->second.made_from, job.made_from);
    if (!reasons.insert(reason).second) continue;
    problems.push_back({"a cell would be made from something else than its stored result",
                        found->first,
                        "the plugins, model files and texts that the result was made from", reason,
                        "get these (--plugin-dir, --set), or compare all the same by --changed"});
  }
  if (!problems.empty()) throw Error(problems);
}

}  // namespace pressroom
