#include "campaign/cell_loop.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>
#include <utility>

#include "engine/run.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

// For cells that others have: the first, and the longest.
constexpr std::chrono::milliseconds kPauseForOthers(200);
constexpr std::chrono::milliseconds kMostPause(2000);

// What is in the cell's file, and neither tables nor tests look at: over half of a small result.
void drop_details(CellResult& result) {
  result.size_curve = {};
  result.answers = {};
  for (MetricValue& metric : result.metrics) metric.answers = {};
}

}  // namespace

CellLoop::CellLoop(const std::vector<Job>& jobs, std::string run, const CellLoopParts& parts)
    : jobs_(jobs),
      run_(std::move(run)),
      parts_(parts),
      results_(jobs.size()),
      is_settled_(jobs.size(), false) {}

std::vector<CellResult> CellLoop::run() {
  try {
    run_until_all_are_there();
  } catch (const Interrupted&) {
    publisher_.finish();  // with it all cells so far are stored
    throw;
  } catch (const NeedsNewProcess&) {
    publisher_.finish();
    throw;
  }
  return std::move(results_);
}

void CellLoop::run_until_all_are_there() {
  std::chrono::milliseconds pause = kPauseForOthers;
  const std::size_t first = first_of_group(parts_.settings.first_cell);
  std::size_t left = jobs_.size();
  while (left > 0) {
    const std::size_t before = left;
    for (std::size_t step = 0; step < jobs_.size(); ++step) {
      const std::size_t index = (first + step) % jobs_.size();
      if (is_settled_[index]) continue;
      if (!settle(index)) continue;
      is_settled_[index] = true;
      --left;
    }
    if (left == 0) left = reopen_lost();
    // What is left is in the hands of others, who may be gone any time.
    if (left > 0 && left == before) {
      std::this_thread::sleep_for(pause);
      pause = std::min(pause * 3 / 2, kMostPause);
    } else {
      pause = kPauseForOthers;
    }
    if (left > 0 && parts_.stop_requested()) throw Interrupted();
  }
}

// Waits until all results from here are stored; returns how many cells are to be looked at again.
std::size_t CellLoop::reopen_lost() {
  publisher_.finish();
  for (const std::size_t index : lost_) is_settled_[index] = false;
  return std::exchange(lost_, {}).size();
}

// The first cell of those with the same windows, at this fraction of the plan.
std::size_t CellLoop::first_of_group(double fraction) const {
  if (jobs_.empty()) return 0;
  auto index = static_cast<std::size_t>(fraction * static_cast<double>(jobs_.size()));
  index = std::min(index, jobs_.size() - 1);
  while (index > 0 && jobs_[index - 1].windows == jobs_[index].windows) --index;
  return index;
}

// Whether the cell has a result now, by whomever.
bool CellLoop::settle(std::size_t index) {
  const Job& job = jobs_[index];
  if (job.stored) {
    take(index, *job.stored);
    return true;
  }
  if (take_if_there(index)) return true;
  if (parts_.observer.no_more_cells() || parts_.stop_requested()) throw Interrupted();
  if (parts_.settings.may_be_replaced && parts_.runner.is_tainted()) throw NeedsNewProcess();
  std::optional<Lease> lease = parts_.leases.claim(lease_of(job));
  if (!lease) return false;
  if (lease->epoch() > 1) {
    parts_.directory.log_event({{"event", "lease taken over"}, {"lease", lease->name()}},
                               Sync::kLater);
  }
  // Whoever had it may have finished it before it was given back.
  if (take_if_there(index)) {
    lease->release();
    return true;
  }
  run_one(index, *lease);
  return true;
}

// Whether the cell's file holds what the plan asks for, or says that it failed in this run. It is
// the cell's result then.
bool CellLoop::take_if_there(std::size_t index) {
  const Job& job = jobs_[index];
  const std::filesystem::path file = parts_.directory.cell_file(job.planned->cell, job.folder);
  std::optional<CellResult> stored = read_result(file);
  if (!stored || stored->content_key != job.content_key) return false;
  if (!stored->error.empty() && (run_.empty() || stored->run != run_)) return false;
  take(index, *stored);
  return true;
}

// The stored result of a cell.
void CellLoop::take(std::size_t index, const CellResult& result) {
  const Job& job = jobs_[index];
  parts_.runner.note(job, result);
  results_[index] = result;
  results_[index].cell = job.planned->cell;  // with what its file does not hold
  drop_details(results_[index]);
  const std::lock_guard<std::mutex> one_at_a_time(parts_.observer_mutex);
  parts_.observer.on_cell_end(index, results_[index], true);
}

// Runs the cell and has its result stored, while the next one runs.
void CellLoop::run_one(std::size_t index, Lease lease) {
  const Job& job = jobs_[index];
  const PlannedCell& planned = *job.planned;
  const std::string aside = parts_.observer.put_aside(planned.cell.method);
  CellResult result;
  try {
    if (aside.empty()) parts_.runner.model();  // loading it is no part of the cell
    {
      const std::lock_guard<std::mutex> one_at_a_time(parts_.observer_mutex);
      parts_.observer.on_cell_begin(index, planned.cell);
      if (!job.why_again.empty()) parts_.observer.on_cell_again(job.why_again);
    }
    if (aside.empty()) result = parts_.runner.run(job);
  } catch (...) {
    lease.release();
    throw;
  }
  if (!aside.empty()) {
    result.cell = planned.cell;
    result.content_key = job.content_key;
    result.error = aside;
  }
  // Failed ones, too: whoever reads the directory sees why, and the next run tries again.
  if (!result.error.empty()) result.run = run_;
  heap_.trim();
  // A copy: its parts lie where the cell's tensors have left room. Those of `result` were made in
  // between them, and kept, would keep the heap from using that room again.
  results_[index] = result;
  drop_details(results_[index]);
  publisher_.add([this, index, lease, result = std::move(result)]() mutable {
    publish(index, lease, result);
  });
}

// On the publisher's thread. A result whose lease was lost is dropped: another process's counts.
void CellLoop::publish(std::size_t index, Lease& lease, const CellResult& result) {
  const Job& job = jobs_[index];
  if (!lease.is_held()) {
    const std::lock_guard<std::mutex> one_at_a_time(parts_.observer_mutex);
    parts_.observer.on_message(
        result.cell.file_stem() +
        " was taken over by another worker while it ran here: its result from "
        "here is dropped");
    parts_.observer.on_cell_dropped(index);
    lost_.push_back(index);
    return;
  }
  parts_.directory.store_cell(result, job.folder, job.made_from);
  lease.release();
  nlohmann::ordered_json event = {{"event", result.error.empty() ? "cell" : "cell failed"},
                                  {"cell", result.cell.file_stem()},
                                  {"dataset", result.cell.dataset},
                                  {"seconds", result.seconds},
                                  {"error", result.error}};
  if (!job.why_again.empty()) event["again"] = job.why_again;
  // Small cells would wait longer for the disk than they run. What a loss of power takes is run
  // again.
  parts_.directory.log_event(event, Sync::kLater);
  const std::lock_guard<std::mutex> one_at_a_time(parts_.observer_mutex);
  parts_.observer.on_cell_end(index, result, false);
}

}  // namespace pressroom
