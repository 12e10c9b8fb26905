// Runs the cells of a plan that are not there and that nobody else has, until all are there.
//
//   CellLoop loop(jobs, run, {runner, directory, leases, observer, observer_mutex, ...});
//   std::vector<CellResult> results = loop.run();
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "base/process_memory.h"
#include "campaign/campaign.h"
#include "campaign/cell_runner.h"
#include "campaign/directory.h"
#include "campaign/jobs.h"
#include "campaign/publisher.h"
#include "lease/lease.h"

namespace pressroom {

// What cells are run with; borrowed.
struct CellLoopParts {
  CellRunner& runner;
  CampaignDirectory& directory;
  LeaseFolder& leases;
  CampaignObserver& observer;
  std::mutex& observer_mutex;  // held while the observer is called
  std::function<bool()> stop_requested;
  const WorkSettings& settings;
};

class CellLoop {
 public:
  // `run`: the name of the run (StoredPlan::run). `jobs` are borrowed.
  CellLoop(const std::vector<Job>& jobs, std::string run, const CellLoopParts& parts);

  // All results, in the order of `jobs`, without their size curves. Throws Interrupted, where the
  // observer asks to stop, and NeedsNewProcess; what was finished is stored then. Throws Error
  // where a result cannot be stored.
  std::vector<CellResult> run();

 private:
  void run_until_all_are_there();
  std::size_t reopen_lost();
  std::size_t first_of_group(double fraction) const;
  bool settle(std::size_t index);
  bool take_if_there(std::size_t index);
  void take(std::size_t index, const CellResult& result);
  void run_one(std::size_t index, Lease lease);
  void publish(std::size_t index, Lease& lease, const CellResult& result);

  const std::vector<Job>& jobs_;
  const std::string run_;
  const CellLoopParts parts_;
  std::vector<CellResult> results_;
  std::vector<bool> is_settled_;   // cells that have a result, by whomever
  std::vector<std::size_t> lost_;  // the publisher's, until it has finished
  HeapTrimmer heap_;
  // The last: what it still has to do when this ends needs everything above.
  Publisher publisher_;
};

}  // namespace pressroom
