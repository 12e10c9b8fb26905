// Runs cells of one campaign in this process, one after another, and holds each against those of
// the same windows.
//
//   CellRunner runner(parts);
//   for (const Job& job : jobs) {
//     if (job.stored) runner.note(job, *job.stored);
//     else result = runner.run(job);               // not stored yet
//   }
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "campaign/dense_reference.h"
#include "campaign/directory.h"
#include "campaign/jobs.h"
#include "campaign/prepared_campaign.h"
#include "campaign/run_cell.h"
#include "engine/run.h"
#include "lease/lease.h"
#include "model/model.h"
#include "plugin/process_state.h"

namespace pressroom {

// What cells are run with; borrowed.
struct CellRunnerParts {
  PreparedCampaign& campaign;
  const CampaignModel& model;
  CampaignDirectory& directory;
  PluginHost& host;
  const RunControl& control;
  LeaseFolder& leases;
  std::function<void(std::int64_t done, std::int64_t total)> on_load;  // of the model's weights
  std::int64_t threads = 1;
};

class CellRunner {
 public:
  explicit CellRunner(const CellRunnerParts& parts);

  // Loaded when a cell first has to be run: a campaign that has all its results needs no weights.
  const Model& model();

  // Tokens of dense runs that are made for comparison alone: where the first cell of a group that
  // has to be run is not dense's.
  std::int64_t extra_dense_tokens(const std::vector<Job>& jobs) const;

  // Takes notice of a result that is there: the cells of its windows have to agree with it.
  void note(const Job& job, const CellResult& stored);

  // A method left a thread running, which may do anything at any time.
  bool is_tainted() const { return is_tainted_; }

  // The cell's result. Throws Interrupted, and Error when the model cannot be loaded; every other
  // failure is in the result.
  CellResult run(const Job& job);

 private:
  // What is the same for all cells of a method.
  struct MethodFacts {
    std::string sha256;  // method_sha256
    bool is_installed = false;
  };

  const MethodFacts& facts_of(std::size_t method);
  void enter_group(const Job& job);
  CellParts parts_of(const Job& job);
  std::optional<Lease> claim_repetition(const PlannedCell& planned, const std::string& method);
  void compare_with_group(CellResult& result);

  CellRunnerParts parts_;
  const CampaignConfig& config_;
  std::map<std::size_t, MethodFacts> facts_;  // by index in the config
  std::unique_ptr<Model> model_;
  std::optional<DenseReference> dense_;         // where a metric needs it
  const std::vector<Window>* group_ = nullptr;  // whose dense run and good cells are held
  std::vector<CellResult> good_of_group_;
  std::set<std::string> repeated_;     // methods that have shown that they do the same again
  std::optional<ProcessState> state_;  // that cells have to leave as it is
  bool is_tainted_ = false;
};

}  // namespace pressroom
