// Runs a campaign: of its planned cells, those whose results are not in the directory yet, and
// leaves results, aggregates and significance tests there.
//
//   PreparedCampaign campaign = prepare_campaign(load_config("campaign.yaml", host), host);
//   run_campaign(campaign, "results/quickstart", host, command_line, observer, write);
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "campaign/plan.h"
#include "campaign/prepared_campaign.h"
#include "results/cell.h"

namespace pressroom {

// Is told how a campaign goes. `on_tokens` and `on_load` come from several threads, one at a
// time, the rest from the caller's.
class CampaignObserver {
 public:
  virtual ~CampaignObserver() = default;
  virtual void on_message(const std::string& /*text*/) {}
  virtual void on_load(std::int64_t /*done*/, std::int64_t /*total*/) {}  // of the model's weights
  virtual void on_plan(const std::vector<PlannedCell>& /*cells*/, std::int64_t /*tokens*/) {}
  virtual void on_cell_begin(const PlannedCell& /*cell*/) {}
  // After on_cell_begin, where a result is stored that cannot be reused: why it cannot.
  virtual void on_cell_again(const std::string& /*why*/) {}
  virtual void on_tokens(std::int64_t /*tokens*/) {}
  // `reused`: the result was in the directory already.
  virtual void on_cell_end(const CellResult& /*result*/, bool /*reused*/) {}
  virtual bool stop_requested() { return false; }
};

// Writes what is made of all results; called while the directory is still locked for this run.
using ResultsWriter = std::function<void(const std::vector<CellResult>& results)>;

// Runs `campaign` in `directory` and returns all results, in the order of the plan. A cell that
// fails is a result with an error; the rest go on. Throws Interrupted when the observer asks to
// stop - finished cells are stored - and Error when nothing can be run.
std::vector<CellResult> run_campaign(PreparedCampaign& campaign,
                                     const std::filesystem::path& directory, PluginHost& host,
                                     const std::vector<std::string>& command_line,
                                     CampaignObserver& observer, const ResultsWriter& write = {});

}  // namespace pressroom
