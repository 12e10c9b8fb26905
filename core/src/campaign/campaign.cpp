#include "campaign/campaign.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <thread>
#include <utility>

#include "base/process_memory.h"
#include "base/pulse.h"
#include "base/sha256.h"
#include "campaign/calibration/calibrate.h"
#include "campaign/cell_runner.h"
#include "campaign/directory.h"
#include "campaign/jobs.h"
#include "campaign/prepared_campaign.h"
#include "campaign/publisher.h"
#include "campaign/sampling.h"
#include "lease/lease.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "results/plan_json.h"

namespace pressroom {
namespace {

constexpr std::chrono::milliseconds kPauseForOthers(200);
constexpr std::chrono::milliseconds kMostPause(2000);

// What cannot be another's: 128 bits.
std::string random_name() {
  std::random_device random;
  std::string bytes;
  for (int i = 0; i < 4; ++i) {
    const std::uint32_t part = random();
    bytes.append(reinterpret_cast<const char*>(&part), sizeof(part));
  }
  return sha256_hex(bytes).substr(0, 32);
}

std::string lease_of(const Job& job) {
  return lease_name(std::filesystem::path(job.folder) / (job.planned->cell.file_stem() + ".json"));
}

// Gives a lease back at the end of its scope.
class LeaseGuard {
 public:
  explicit LeaseGuard(Lease lease) : lease_(std::move(lease)) {}
  ~LeaseGuard() { lease_.release(); }
  LeaseGuard(const LeaseGuard&) = delete;
  LeaseGuard& operator=(const LeaseGuard&) = delete;

 private:
  Lease lease_;
};

class CampaignRun {
 public:
  CampaignRun(PreparedCampaign& campaign, const std::filesystem::path& directory, PluginHost& host,
              CampaignObserver& observer, const WorkSettings& settings)
      : campaign_(campaign),
        config_(campaign.config),
        host_(host),
        observer_(observer),
        settings_(settings),
        directory_(directory),
        threads_(config_.threads > 0 ? config_.threads : available_cores()) {
    control_.stop_requested = [this] {
      renew_leases();
      return observer_.stop_requested();
    };
    control_.on_tokens = [this](std::int64_t tokens) {
      beat(tokens);
      const std::lock_guard<std::mutex> one_at_a_time(observer_mutex_);
      observer_.on_tokens(tokens);
    };
  }

  std::vector<CellResult> run(const std::vector<std::string>& command_line,
                              const ResultsWriter& write) {
    const std::string yaml = frozen_yaml(config_);
    directory_.check_config(yaml);  // another campaign's directory is refused before anything slow
    const WarningSink tell = [this](const std::string& message) { observer_.on_message(message); };
    parts_ = find_campaign_model(campaign_, tell);
    windows_ = std::make_unique<WindowStore>(config_, campaign_.datasets, *parts_.tokenizer,
                                             parts_.description.facts.vocabulary);
    leases_.emplace(directory_.path() / "leases", settings_.lease);
    observer_.on_leases(leases_->file());
    runner_.emplace(CellRunnerParts{
        campaign_, parts_, directory_, host_, control_,
        [this](std::int64_t done, std::int64_t total) { observer_.on_load(done, total); },
        threads_});
    if (config_.match) match_budgets(tell);
    // Of the final plan: find_campaign_model passed over cells that awaited their calibration, and
    // told nothing.
    check_positions_of_cells(campaign_, parts_.description.facts, tell);
    // Everything that datasets and stored results can be wrong with comes out here, before a cell
    // has run.
    const JobParts job_parts{campaign_,  parts_, *windows_,
                             directory_, host_,  control_.stop_requested};
    jobs_ = make_jobs(job_parts);
    if (settings_.plans) {
      for (const std::string& message : again_messages(jobs_)) tell(message);
      plan(job_parts, yaml, command_line);
    } else {
      const LeaseGuard guard(claim_or_wait("plan"));
      take_plan(
          "use the same version, plugins, model files and texts on all machines, or run the "
          "campaign's config again");
      join_run();
    }
    // Progress counts dense runs that no cell asks for, too: they take as long.
    const std::int64_t tokens = total_tokens(campaign_.cells, config_.protocol.documents) +
                                runner_->extra_dense_tokens(jobs_);
    observer_.on_plan(campaign_.cells.size(), tokens);
    try {
      run_cells();
    } catch (const Interrupted&) {
      publisher_.finish();
      if (at_work_) at_work_->release();
      // With it all cells so far are on the disk. Other exceptions leave no line: a directory that
      // is gone or full is what they tell of, and a method's are in its cell's result.
      directory_.log_event({{"event", "interrupted"}});
      throw;
    }
    directory_.check_place();  // `write` goes by the path, and would make it anew
    if (write) write_under_lease(write);
    directory_.log_event({{"event", "end"}});
    if (at_work_) at_work_->release();
    return std::move(results_);
  }

 private:
  // The final plan, with the budgets that calibration finds.
  void match_budgets(const WarningSink& tell) {
    const CalibrationParts parts{campaign_,
                                 parts_,
                                 [this]() -> const Model& { return runner_->model(); },
                                 *windows_,
                                 host_,
                                 threads_,
                                 control_.stop_requested,
                                 tell};
    const Calibration found = calibrate(parts, directory_.path() / "calibration.json");
    campaign_.cells = plan_cells(config_, campaign_.methods, &found);
  }

  void plan(const JobParts& job_parts, const std::string& yaml,
            const std::vector<std::string>& command_line) {
    leases_->sweep();
    const LeaseGuard guard(claim_or_wait("plan"));
    // Not before: a config that never ran a cell may still be fixed.
    directory_.freeze_config(yaml);
    if (others_are_at_work()) {
      // What failed in their run is not to be tried again by every one that joins them.
      take_plan("wait until they have finished, or stop them, and run it again then");
    } else {
      run_ = random_name();
      write_records(jobs_, job_parts, yaml, command_line, run_);
    }
    join_run();
    directory_.log_event({{"event", "begin"}, {"cells", campaign_.cells.size()}});
  }

  // Waits while another process has it.
  Lease claim_or_wait(const std::string& name) {
    for (;;) {
      if (std::optional<Lease> lease = leases_->claim(name)) return std::move(*lease);
      if (control_.stop_requested()) throw Interrupted();
      std::this_thread::sleep_for(kPauseForOthers);
    }
  }

  // Others are at work on the plan that is there: not those that only begin, too, and would plan.
  bool others_are_at_work() const {
    const std::filesystem::path file = directory_.path() / "plan.json";
    if (!std::filesystem::exists(file)) return false;
    const std::string run = plan_from_json(read_campaign_file(file), file.string()).run;
    return !run.empty() && leases_->others_have(work_on(run));
  }

  void join_run() { at_work_ = leases_->claim(work_on(run_) + random_name()); }

  // The plan of the directory, which says what each cell has to be made from: here it has to come
  // to the same.
  void take_plan(const std::string& remedy) {
    const std::filesystem::path file = directory_.path() / "plan.json";
    const StoredPlan stored = plan_from_json(read_campaign_file(file), file.string());
    if (stored.run.empty()) {
      throw Error({"the plan does not say what its cells are made from", file.string(),
                   "a plan as this version writes it", "one of an earlier version",
                   "run the campaign's config in the directory again: its results stay"});
    }
    for (std::size_t i = 0; i < jobs_.size() || i < stored.cells.size(); ++i) {
      const std::string planned = i < stored.cells.size() ? stored.cells[i].content_key : "no cell";
      const std::string here = i < jobs_.size() ? jobs_[i].content_key : "no cell";
      if (planned == here) continue;
      // As a rule it is the same with all of them: the first is told.
      throw Error(
          {"a cell would be made from something else here than in the plan that others "
           "work on",
           i < stored.cells.size() ? stored.cells[i].file : file.string(), "content key " + planned,
           here, remedy});
    }
    run_ = stored.run;
  }

  // Runs what is not there and nobody else has, until everything is there.
  void run_cells() {
    std::chrono::milliseconds pause = kPauseForOthers;
    results_.assign(jobs_.size(), CellResult());
    is_settled_.assign(jobs_.size(), false);
    std::size_t first = first_of_group(settings_.first_cell);
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
      if (left > 0 && control_.stop_requested()) throw Interrupted();
    }
  }

  // Waits until all results from here are stored; returns how many cells are to be looked at again.
  std::size_t reopen_lost() {
    publisher_.finish();
    for (const std::size_t index : lost_) is_settled_[index] = false;
    return std::exchange(lost_, {}).size();
  }

  // The first cell of those with the same windows, at this fraction of the plan.
  std::size_t first_of_group(double fraction) const {
    if (jobs_.empty()) return 0;
    auto index = static_cast<std::size_t>(fraction * static_cast<double>(jobs_.size()));
    index = std::min(index, jobs_.size() - 1);
    while (index > 0 && jobs_[index - 1].windows == jobs_[index].windows) --index;
    return index;
  }

  // Whether the cell has a result now, by whomever.
  bool settle(std::size_t index) {
    const Job& job = jobs_[index];
    if (job.stored) {
      take(index, *job.stored);
      return true;
    }
    if (take_if_there(index)) return true;
    if (observer_.no_more_cells() || control_.stop_requested()) throw Interrupted();
    if (settings_.may_be_replaced && runner_->is_tainted()) {
      publisher_.finish();
      throw NeedsNewProcess();
    }
    std::optional<Lease> lease = leases_->claim(lease_of(job));
    if (!lease) return false;
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
  bool take_if_there(std::size_t index) {
    const Job& job = jobs_[index];
    const std::filesystem::path file = directory_.cell_file(job.planned->cell, job.folder);
    std::optional<CellResult> stored = read_result(file);
    if (!stored || stored->content_key != job.content_key) return false;
    if (!stored->error.empty() && (run_.empty() || stored->run != run_)) return false;
    take(index, *stored);
    return true;
  }

  // The stored result of a cell.
  void take(std::size_t index, const CellResult& result) {
    const Job& job = jobs_[index];
    runner_->note(job, result);
    results_[index] = result;
    results_[index].cell = job.planned->cell;  // with what its file does not hold
    // It is in the cell's file. Tables and tests do not look at it, and it is half of what a small
    // result takes.
    results_[index].size_curve = {};
    const std::lock_guard<std::mutex> one_at_a_time(observer_mutex_);
    observer_.on_cell_end(index, results_[index], true);
  }

  // Runs the cell and has its result stored, while the next one runs.
  void run_one(std::size_t index, Lease lease) {
    const Job& job = jobs_[index];
    const PlannedCell& planned = *job.planned;
    const std::string aside = observer_.put_aside(planned.cell.method);
    CellResult result;
    try {
      if (aside.empty()) runner_->model();  // loading it is no part of the cell
      {
        const std::lock_guard<std::mutex> one_at_a_time(observer_mutex_);
        observer_.on_cell_begin(index, planned.cell);
        if (!job.why_again.empty()) observer_.on_cell_again(job.why_again);
      }
      if (aside.empty()) result = runner_->run(job);
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
    publisher_.add([this, index, lease, result]() mutable { publish(index, lease, result); });
    results_[index] = std::move(result);
    results_[index].size_curve = {};
  }

  // On the publisher's thread. A result whose lease was lost is dropped: another process's counts.
  void publish(std::size_t index, Lease& lease, const CellResult& result) {
    const Job& job = jobs_[index];
    if (!lease.is_held()) {
      const std::lock_guard<std::mutex> one_at_a_time(observer_mutex_);
      observer_.on_message(result.cell.file_stem() +
                           " was taken over by another worker while it ran here: its result from "
                           "here is dropped");
      observer_.on_cell_dropped(index);
      lost_.push_back(index);
      return;
    }
    directory_.store_cell(result, job.folder, job.made_from);
    lease.release();
    nlohmann::ordered_json event = {{"event", result.error.empty() ? "cell" : "cell failed"},
                                    {"cell", result.cell.file_stem()},
                                    {"dataset", result.cell.dataset},
                                    {"seconds", result.seconds},
                                    {"error", result.error}};
    if (!job.why_again.empty()) event["again"] = job.why_again;
    // Small cells would wait longer for the disk than they run. What a loss of power takes is run
    // again.
    directory_.log_event(event, Sync::kLater);
    const std::lock_guard<std::mutex> one_at_a_time(observer_mutex_);
    observer_.on_cell_end(index, result, false);
  }

  // Another process may be writing the same files at this moment.
  void write_under_lease(const ResultsWriter& write) {
    const LeaseGuard guard(claim_or_wait("aggregates"));
    write(results_);
  }

  // Called between tokens, from several threads.
  void renew_leases() {
    if (!leases_) return;
    const std::lock_guard<std::mutex> one_at_a_time(renewal_mutex_);
    const auto now = std::chrono::steady_clock::now();
    if (now - renewed_ < settings_.lease / 4) return;
    renewed_ = now;
    leases_->renew();
  }

  PreparedCampaign& campaign_;
  const CampaignConfig& config_;
  PluginHost& host_;
  CampaignObserver& observer_;
  const WorkSettings settings_;
  CampaignDirectory directory_;
  std::int64_t threads_;
  RunControl control_;
  std::mutex observer_mutex_;
  CampaignModel parts_;
  std::unique_ptr<WindowStore> windows_;
  std::optional<LeaseFolder> leases_;
  std::mutex renewal_mutex_;
  std::chrono::steady_clock::time_point renewed_ = std::chrono::steady_clock::now();
  std::optional<CellRunner> runner_;
  std::vector<Job> jobs_;
  std::string run_;               // StoredPlan::run
  std::optional<Lease> at_work_;  // says that this process works on that run
  std::vector<CellResult> results_;
  std::vector<bool> is_settled_;
  std::vector<std::size_t> lost_;  // the publisher's, until it has finished
  HeapTrimmer heap_;
  // The last: what it still has to do when this ends needs everything above.
  Publisher publisher_;
};

}  // namespace

// Not a name that a cell's lease may have: labels are plain.
std::string work_on(const std::string& run) { return "~run-" + run + "-"; }

std::vector<CellResult> run_campaign(PreparedCampaign& campaign,
                                     const std::filesystem::path& directory, PluginHost& host,
                                     const std::vector<std::string>& command_line,
                                     CampaignObserver& observer, const ResultsWriter& write,
                                     const WorkSettings& settings) {
  return CampaignRun(campaign, directory, host, observer, settings).run(command_line, write);
}

}  // namespace pressroom
