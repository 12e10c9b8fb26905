#include "campaign/campaign.h"

#include <chrono>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "base/pulse.h"
#include "base/whole_file.h"
#include "campaign/calibration/calibrate.h"
#include "campaign/cell_loop.h"
#include "campaign/cell_runner.h"
#include "campaign/directory.h"
#include "campaign/jobs.h"
#include "campaign/kept_results.h"
#include "campaign/prepared_campaign.h"
#include "campaign/sampling.h"
#include "campaign/shared_plan.h"
#include "lease/lease.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "results/results_by_key.h"

namespace pressroom {
namespace {

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
        threads_(threads_or_all(config_.threads)) {
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
    const DirectoryConfig stored = read_directory_config(directory_.path());
    const ConfigDifference difference = stored.difference(yaml);
    check_config(difference, stored);    // before anything slow
    std::optional<ResultsByKey> others;  // a wrong directory is refused before anything is written
    if (!settings_.reuse.empty()) others.emplace(settings_.reuse);
    const WarningSink tell = [this](const std::string& message) { observer_.on_message(message); };
    parts_ = find_campaign_model(campaign_, tell);
    windows_ = std::make_unique<WindowStore>(config_, campaign_.datasets, *parts_.tokenizer,
                                             parts_.description.facts.vocabulary);
    leases_.emplace(directory_.path() / "leases", settings_.lease);
    observer_.on_leases(leases_->file());
    runner_.emplace(CellRunnerParts{
        campaign_, parts_, directory_, host_, control_, *leases_,
        [this](std::int64_t done, std::int64_t total) { observer_.on_load(done, total); },
        threads_});
    const JobParts job_parts{campaign_,  parts_, *windows_,
                             directory_, host_,  control_.stop_requested};
    const ResultsByKey own = stored.plan ? ResultsByKey({directory_.path()}) : ResultsByKey();
    SharedPlan plan(directory_, *leases_, control_.stop_requested);
    const bool extends = difference.needs_extension();
    if (extends) plan.refuse_if_others_are_at_work();
    const std::string calibration = text_of_file(directory_.path() / "calibration.json");
    if (config_.match) {
      // What looks for budgets changes the directory, so it is asked for before that.
      if (extends)
        agree(plan_extension(difference, make_jobs(job_parts), stored, own), command_line);
      match_budgets(tell);
    }
    if (!settings_.only.empty()) keep_wanted(settings_.only, campaign_);
    // Of the final plan: find_campaign_model passed over cells that awaited their calibration, and
    // told nothing.
    check_positions_of_cells(campaign_, parts_.description.facts, tell);
    // Everything that datasets and stored results can be wrong with comes out here, before a cell
    // has run.
    jobs_ = make_jobs(job_parts);
    std::optional<Extension> extension;
    if (extends) {
      extension = plan_extension(difference, jobs_, stored, own);
      if (!config_.match) agree(*extension, command_line);
    }
    find_stored(jobs_, directory_, own);
    check_wanted(settings_.only, config_, jobs_);
    if (settings_.plans) {
      if (!extension) {
        for (const std::string& message : again_messages(jobs_)) tell(message);
      }
      plan.write_or_join(jobs_, job_parts,
                         {stored, yaml, extension ? &*extension : nullptr, calibration},
                         command_line, [this] { restore(); });
      if (extension) tell_extension(*extension);
      directory_.log_event({{"event", "begin"}, {"cells", campaign_.cells.size()}});
      if (others) copy_from(*others, tell);
    } else {
      plan.join(jobs_);
      restore();
    }
    // Progress counts dense runs that no cell asks for, too: they take as long.
    const std::int64_t tokens = total_tokens(campaign_.cells, config_.protocol.documents) +
                                runner_->extra_dense_tokens(jobs_);
    observer_.on_plan(campaign_.cells.size(), tokens);
    std::vector<CellResult> results;
    try {
      results = CellLoop(jobs_, plan.run(),
                         {*runner_, directory_, *leases_, observer_, observer_mutex_,
                          control_.stop_requested, settings_})
                    .run();
    } catch (const Interrupted&) {
      plan.leave();
      // With it all cells so far are on the disk. Other exceptions leave no line: a directory that
      // is gone or full is what they tell of, and a method's are in its cell's result.
      directory_.log_event({{"event", "interrupted"}});
      throw;
    }
    directory_.check_place();  // `write` goes by the path, and would make it anew
    if (write) {
      // Another process may be writing the same files at this moment.
      const LeaseGuard guard(plan.claim_or_wait("aggregates"));
      write(results);
    }
    directory_.log_event({{"event", "end"}});
    plan.leave();
    return results;
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

  // Throws Error where the directory can have no other config, or not this one.
  void check_config(const ConfigDifference& difference, const DirectoryConfig& stored) const {
    if (!difference.needs_extension()) return;
    const std::filesystem::path file = directory_.path() / "config.yaml";
    if (!settings_.plans) {
      throw Error(
          {"an extension of the directory was interrupted", file.string(),
           "the config that its plan is of", "that of the next plan",
           "run the campaign's config in the directory: it completes it, or takes it back"});
    }
    if (!settings_.may_extend) throw another_campaign(directory_.path());
    check_extension(difference, stored);
  }

  // Throws Error where the directory is not to be extended so.
  void agree(const Extension& extension, const std::vector<std::string>& command_line) const {
    if (settings_.may_extend(extension)) return;
    throw not_extended(extension, directory_.path(), command_line);
  }

  void tell_extension(const Extension& extension) {
    const ExtensionCounts& counts = extension.counts;
    directory_.log_event({{"event", "extended"},
                          {"changes", texts_of(extension.changes)},
                          {"new", counts.added},
                          {"again", counts.again},
                          {"waiting", counts.waiting},
                          {"reused", counts.reused},
                          {"left", counts.left}});
    observer_.on_note("extended: " + extension.changes_text() + ": " + extension.text());
  }

  void restore() { restore_results(jobs_, directory_, *leases_); }

  // Copies what other campaigns have of the cells that are not there.
  void copy_from(const ResultsByKey& others, const WarningSink& tell) {
    // Evictions are traced while a cell runs, and the other campaign's traces carry its names.
    if (config_.traces) return tell("results are not reused, as traces are asked for");
    copy_results(others, jobs_, directory_, *leases_);
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
};

}  // namespace

std::vector<CellResult> run_campaign(PreparedCampaign& campaign,
                                     const std::filesystem::path& directory, PluginHost& host,
                                     const std::vector<std::string>& command_line,
                                     CampaignObserver& observer, const ResultsWriter& write,
                                     const WorkSettings& settings) {
  return CampaignRun(campaign, directory, host, observer, settings).run(command_line, write);
}

}  // namespace pressroom
