#include "print_outlook.h"

#include <algorithm>
#include <iostream>

#include "campaign/cell_states.h"
#include "results/made_from.h"

namespace pressroom {
namespace {

std::string words(const CellOutlook& outlook) {
  switch (outlook.state) {
    case CellState::kToRun:
      return "to run";
    case CellState::kDone:
      return "done";
    case CellState::kFailed:
      return std::string("to run again, as ") + kFailedBefore;
    case CellState::kChanged:
      return "to run again, as " + outlook.why;
  }
  return "";
}

}  // namespace

void print_outlook(const PreparedCampaign& campaign, const std::filesystem::path& directory,
                   const PluginHost& host) {
  if (!std::filesystem::exists(directory)) return;
  const std::vector<CellOutlook> outlooks = cell_outlooks(campaign, directory, host);
  const auto count = [&outlooks](CellState state) {
    return std::to_string(
        std::count_if(outlooks.begin(), outlooks.end(),
                      [state](const CellOutlook& one) { return one.state == state; }));
  };
  std::cout << directory.string() << ": " << count(CellState::kDone) << " done, "
            << count(CellState::kFailed) << " failed before, " << count(CellState::kChanged)
            << " changed, " << count(CellState::kToRun) << " to run\n";
  for (std::size_t i = 0; i < outlooks.size(); ++i) {
    if (outlooks[i].state == CellState::kDone) continue;
    const PlannedCell& planned = campaign.cells[i];
    const std::string name = planned.awaits_calibration
                                 ? planned.cell.method + " (its budget is found first)"
                                 : planned.cell.file_stem();
    std::cout << "  " << planned.cell.dataset << "  " << name << "  " << words(outlooks[i]) << "\n";
  }
}

}  // namespace pressroom
