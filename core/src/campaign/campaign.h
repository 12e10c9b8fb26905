// Runs a campaign: of its planned cells, those whose results are not in the directory yet, and
// leaves results, aggregates and significance tests there.
//
//   PreparedCampaign campaign = prepare_campaign(load_config("campaign.yaml", host), host);
//   run_campaign(campaign, "results/quickstart", host, command_line, observer, write);
#pragma once

#include <chrono>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "campaign/plan.h"
#include "campaign/prepared_campaign.h"
#include "campaign/wanted_cells.h"
#include "results/cell.h"

namespace pressroom {

struct Extension;  // campaign/extension.h

// Is told how a campaign goes, by several threads, one at a time. A cell is told to have ended when
// its result is stored: the next one may have begun by then.
class CampaignObserver {
 public:
  virtual ~CampaignObserver() = default;
  virtual void on_message(const std::string& /*text*/) {}  // that something may not be as wanted
  virtual void on_note(const std::string& /*text*/) {}     // what was done as it was asked for
  // Touching `file` renews the leases of this process, which it does itself between tokens.
  virtual void on_leases(const std::filesystem::path& /*file*/) {}
  virtual void on_load(std::int64_t /*done*/, std::int64_t /*total*/) {}  // of the model's weights
  // The plan is in the directory.
  virtual void on_plan(std::size_t /*cells*/, std::int64_t /*tokens*/) {}
  // `index`: of the cell in the plan.
  virtual void on_cell_begin(std::size_t /*index*/, const Cell& /*cell*/) {}
  // After on_cell_begin, where a result is stored that cannot be reused: why it cannot.
  virtual void on_cell_again(const std::string& /*why*/) {}
  virtual void on_tokens(std::int64_t /*tokens*/) {}
  // `reused`: the result was in the directory already.
  virtual void on_cell_end(std::size_t /*index*/, const CellResult& /*result*/, bool /*reused*/) {}
  // After on_cell_begin: another process has taken the cell over, and its result counts.
  virtual void on_cell_dropped(std::size_t /*index*/) {}
  virtual bool stop_requested() { return false; }
  // Asked between two cells: whether this process is to begin no other.
  virtual bool no_more_cells() { return false; }
  // Why cells of the method with this label are not to be run any more; "" where they are.
  virtual std::string put_aside(const std::string& /*method*/) { return ""; }
};

// How a process takes part in a campaign that others may work on at the same time.
struct WorkSettings {
  // Plans the campaign and writes the plan; otherwise the directory's plan is taken as it is, and
  // has to be the one that this process would make.
  bool plans = true;
  // Which cell is tried first, as a fraction of the plan: processes that begin at different places
  // meet late.
  double first_cell = 0;
  // Campaigns whose results are taken where they are made from the same: by the process that plans.
  std::vector<std::filesystem::path> reuse;
  // Whether the directory may be extended to a config that differs from its own, which comes to
  // what `extension` says: asked before anything is changed. Without it the directory holds one
  // campaign.
  std::function<bool(const Extension& extension)> may_extend;
  // The cells to be run; empty: all.
  WantedCells only{};
  // Another process can go on in place of this one, which ends by NeedsNewProcess where a method
  // has left something behind that cannot be put back.
  bool may_be_replaced = false;
  // How long a lease lasts after each renewal.
  std::chrono::seconds lease{60};
};

// Thrown out of run_campaign, between two cells: see WorkSettings::may_be_replaced.
class NeedsNewProcess : public std::exception {
 public:
  const char* what() const noexcept override { return "a method left something behind"; }
};

// Writes what is made of all results; called while this process has the lease on that.
using ResultsWriter = std::function<void(const std::vector<CellResult>& results)>;

// Runs `campaign` in `directory`, together with whoever else does, and returns all results, in the
// order of the plan. A cell that another process has is waited for. A cell that fails is a result
// with an error; the rest go on. Where the directory has another config it is extended, if
// `settings` let it: results that are made from the same are taken whatever they were called, and
// none is lost. Throws Interrupted when the observer asks to stop - finished cells
// are stored - and Error when nothing can be run.
std::vector<CellResult> run_campaign(PreparedCampaign& campaign,
                                     const std::filesystem::path& directory, PluginHost& host,
                                     const std::vector<std::string>& command_line,
                                     CampaignObserver& observer, const ResultsWriter& write = {},
                                     const WorkSettings& settings = {});

}  // namespace pressroom
