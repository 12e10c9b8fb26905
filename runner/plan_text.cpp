#include "plan_text.h"

#include <algorithm>
#include <cstddef>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "campaign/extension.h"
#include "campaign/jobs.h"
#include "model/model.h"
#include "parallel/parallel_for.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

// Dataset and file name; what is measured first has no sparsity to be named by yet.
std::string name_of(const PlannedCell& planned) {
  const Cell& cell = planned.cell;
  if (!planned.awaits_calibration) return cell.dataset + "  " + cell.file_stem();
  return cell.dataset + "  " + cell.method + "_s(measured)_ctx" +
         std::to_string(cell.context_tokens) + "_seed" + std::to_string(cell.seed);
}

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

void print_plan(const PreparedCampaign& campaign) {
  const ModelDescription model = check_against_model(campaign, find_model(campaign.config.model));
  const ModelFacts& facts = model.facts;
  const auto width = static_cast<double>(facts.hidden_size);
  const double projections =
      2.0 * static_cast<double>((facts.query_heads + facts.kv_heads) * facts.head_dim);
  const double per_token = 2 * (static_cast<double>(facts.layers) * width *
                                    (projections + 3.0 * static_cast<double>(model.mlp_size)) +
                                width * static_cast<double>(facts.vocabulary));
  std::size_t width_of_names = 0;
  for (const PlannedCell& planned : campaign.cells) {
    width_of_names = std::max(width_of_names, name_of(planned).size());
  }
  double total_flops = 0;
  for (const PlannedCell& planned : campaign.cells) {
    const Cell& cell = planned.cell;
    const std::int64_t tokens = cell.context_tokens * campaign.config.protocol.documents;
    const auto entries = static_cast<double>(std::min(cell.budget_tokens, cell.context_tokens));
    const double attention =
        4.0 * static_cast<double>(facts.layers * facts.query_heads * facts.head_dim) * entries;
    const double flops = static_cast<double>(tokens) * (per_token + attention);
    total_flops += flops;
    const std::string name = name_of(planned);
    std::cout << name << std::string(width_of_names - name.size(), ' ') << "  budget "
              << (planned.awaits_calibration ? "found by calibration"
                                             : std::to_string(cell.budget_tokens))
              << "  positions " << to_string(cell.positions) << "  " << flops / 1e9 << " GFLOP\n";
  }
  constexpr double kAssumedFlops = 5e9;
  const std::int64_t documents = campaign.config.protocol.documents;
  std::cout << campaign.cells.size() << " cells, " << total_tokens(campaign.cells, documents)
            << " tokens, " << total_flops / 1e9 << " GFLOP: about "
            << total_flops / kAssumedFlops / static_cast<double>(available_cores())
            << " s at an assumed 5 GFLOP/s a core\n";
  const AnswersConfig& answers = campaign.config.answers;
  if (!answers.are_generated) return;
  // How many there are is known when the datasets have been read.
  std::cout << "not counted: generated answers, of up to " << answers.most_tokens
            << " tokens each where the dataset says nothing else\n";
}

void print_outlook(PreparedCampaign& campaign, const std::filesystem::path& directory,
                   const PluginHost& host) {
  if (!std::filesystem::exists(directory)) return;
  if (const std::optional<Extension> extension = preview_extension(campaign, directory, host)) {
    std::cout << directory.string()
              << ": the config has changed: " << printable(extension->changes_text()) << "\n  "
              << printable(extension->text()) << "\n";
    return;
  }
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
