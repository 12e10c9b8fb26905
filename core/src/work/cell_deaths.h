// What becomes of the cells that workers died in: tried again, or stored as failed.
//
//   CellDeaths deaths(directory, plan, retries);
//   if (auto failed = deaths.take(worker, index)) tell(*failed);
//   if (deaths.is_enough(method)) put_aside(method);
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "campaign/directory.h"
#include "results/cell.h"
#include "results/plan_json.h"
#include "work/worker_process.h"

namespace pressroom {

class CellDeaths {
 public:
  // `plan` is that of `directory`; both are borrowed. A cell whose worker was killed by what may
  // pass by is tried again `retries` times.
  CellDeaths(CampaignDirectory& directory, const StoredPlan& plan, std::int64_t retries)
      : directory_(directory), plan_(plan), retries_(retries) {}

  // `worker` has died in its cell and is not reaped yet, so that it has its leases: nobody else
  // tries the cell meanwhile. Returns the failure where it was stored; nothing where the cell is to
  // be tried again, where another process answers for it by now, and where its result is there.
  // Throws Error where it cannot be stored.
  std::optional<CellResult> take(WorkerProcess& worker, const CellInWork& work);

  // Whether cells of this method have ended so many workers by themselves that no other is to be.
  bool is_enough(const std::string& method) const;

 private:
  bool has_result(const PlannedFile& planned) const;

  CampaignDirectory& directory_;
  const StoredPlan& plan_;
  std::int64_t retries_;
  std::map<std::size_t, std::int64_t> tries_;  // of cells whose worker was killed
  std::map<std::string, int> deaths_of_;       // by method
};

}  // namespace pressroom
