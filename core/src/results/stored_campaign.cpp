#include "results/stored_campaign.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "pressroom/error.h"

namespace pressroom {

namespace fs = std::filesystem;

std::size_t StoredCampaign::finished() const {
  return static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(),
                    [](const CellResult& result) { return result.error != kNotRun; }));
}

fs::path StoredCampaign::cell_file(const Cell& cell) const {
  const auto found = std::find_if(plan.begin(), plan.end(), [&cell](const PlannedFile& planned) {
    return same_cell(planned.cell, cell);
  });
  PRESSROOM_ASSERT(found != plan.end());
  return directory / found->file;
}

std::vector<fs::path> StoredCampaign::traces_of(const Cell& cell) const {
  const fs::path stem = cell_file(cell).replace_extension();
  std::vector<std::pair<std::size_t, fs::path>> traces;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(stem.parent_path(), ignored)) {
    const std::string name = entry.path().filename().string();
    const std::string prefix = stem.filename().string() + ".";
    std::error_code gone;
    if (!entry.is_regular_file(gone) || name.rfind(prefix, 0) != 0 ||
        entry.path().extension() != ".trace")
      continue;
    const std::string number = entry.path().stem().string().substr(prefix.size());
    if (number.empty() || number.size() > 9 ||
        number.find_first_not_of("0123456789") != std::string::npos) {
      continue;
    }
    traces.emplace_back(std::stoul(number), entry.path());
  }
  std::sort(traces.begin(), traces.end());
  std::vector<fs::path> files;
  files.reserve(traces.size());
  for (auto& [window, file] : traces) files.push_back(std::move(file));
  return files;
}

void require_results(const StoredCampaign& campaign) {
  if (campaign.finished() > 0) return;
  throw Error({"nothing is finished yet", campaign.directory.string(),
               "at least one of " + std::to_string(campaign.results.size()) + " cells", "none",
               campaign.running ? "wait for the first cell of the run that is going on"
                                : "run the campaign to its end"});
}

}  // namespace pressroom
