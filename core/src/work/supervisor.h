// Runs a campaign's cells in worker processes and looks after them: what a plugin does to its
// process - a crash, exit(), a loop without end, memory without end - ends one cell, and the next
// worker goes on. The supervisor itself runs no code of plugins.
//
//   SupervisorSettings settings;
//   settings.workers = 4;
//   const int code = supervise(settings, work, progress, stop_requested, print, complain);
//
// A worker is a fork of this process, which must have one thread and no locks held. It works as
// run_campaign does, by leases, so that any number of supervisors may work on one directory.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "campaign/campaign.h"
#include "config/config.h"
#include "work/worker_link.h"

namespace pressroom {

struct SupervisorSettings {
  std::int64_t workers = 1;
  bool plans = true;  // the first worker plans the campaign
  // For a cell to be finished, or given back, after it was asked to stop after the cell.
  std::chrono::seconds grace{30};
  // Is asked what a worker wants to know of the user; nothing: it is not answered, as the run is to
  // stop.
  std::function<std::optional<bool>(const std::string& question)> answer{};
  // Is told what a worker has found out of a plugin that it tried to load (plugin/trial_load.h), so
  // that the next worker need not; nothing: it survived.
  std::function<void(const std::string& kind, const std::string& name,
                     const std::optional<Problem>& problem)>
      on_trial{};
};

// What one worker is told.
struct WorkerTask {
  bool plans = false;     // as WorkSettings::plans
  bool finishes = false;  // writes what is made of all results, at the end
  double first_cell = 0;  // as WorkSettings::first_cell
  // Where the campaign was planned already, whose frozen config is to be run; "" before.
  std::filesystem::path directory;
  std::int64_t threads = 0;  // of the worker that planned it; 0: not known yet
};

// What a worker returns in place of an exit code when another process is to go on in its place.
inline constexpr int kReplaceWorker = 100;

// A worker's work, in its own process. Sends what it has to say to `link`, but for `done`, and
// returns the exit code; the limits of cells go to `link.limits` before the first one. Throws
// nothing: what went wrong has been sent as problems by then.
using WorkerBody = std::function<int(const WorkerTask& task, WorkerLink& link)>;

// Runs workers until all cells have results, and returns the exit code: 0, 1 where cells failed, 2
// where the campaign could not be run or its results not be written. Progress goes to `observer`,
// tables to `print`, problems to `complain`. Throws Interrupted when `stop_requested` said so, and
// every worker has ended.
int supervise(const SupervisorSettings& settings, const WorkerBody& body,
              CampaignObserver& observer, const std::function<Stop()>& stop_requested,
              const std::function<void(const std::string& text)>& print,
              const std::function<void(const Problem& problem)>& complain);

}  // namespace pressroom
