#include "campaign/cell_states.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "campaign/frozen_config.h"
#include "campaign/provenance.h"
#include "results/made_from.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

// What can be said without opening a model or a text.
MadeFrom known_parts(const PlannedCell& planned, const PreparedCampaign& campaign,
                     const PluginHost& host) {
  nlohmann::ordered_json parts = content_parts(planned, campaign.config, {}, {}, {}, host);
  parts.erase("model");
  return made_from(parts);
}

bool differs(const MadeFrom& before, const MadeFrom& now) {
  for (const auto& [name, value] : now) {
    const auto old = before.find(name);
    if (old == before.end() || old->second != value) return true;
  }
  return false;
}

}  // namespace

std::vector<CellOutlook> cell_outlooks(const PreparedCampaign& campaign,
                                       const std::filesystem::path& directory,
                                       const PluginHost& host) {
  std::vector<CellOutlook> outlooks(campaign.cells.size());
  if (!std::filesystem::exists(directory)) return outlooks;
  check_stored_config(directory, frozen_yaml(campaign.config));
  for (std::size_t i = 0; i < campaign.cells.size(); ++i) {
    const PlannedCell& planned = campaign.cells[i];
    if (planned.awaits_calibration) continue;
    const std::string folder = campaign.config.datasets.size() > 1 ? planned.cell.dataset : "";
    const std::filesystem::path file = cell_file_in(directory, planned.cell, folder);
    const std::optional<CellResult> stored = read_result(file);
    if (!stored) continue;
    if (!stored->error.empty()) {
      outlooks[i].state = CellState::kFailed;
      continue;
    }
    const MadeFrom before = read_made_from(file);
    const MadeFrom now = known_parts(planned, campaign, host);
    const bool changed = !before.empty() && differs(before, now);
    outlooks[i].state = changed ? CellState::kChanged : CellState::kDone;
    if (changed) outlooks[i].why = what_changed(before, now);
  }
  return outlooks;
}

}  // namespace pressroom
