#include "campaign/campaign.h"

#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "admission/bind_method.h"
#include "base/process_memory.h"
#include "campaign/calibration/calibrate.h"
#include "campaign/cell_checks.h"
#include "campaign/dense_reference.h"
#include "campaign/directory.h"
#include "campaign/jobs.h"
#include "campaign/prepared_campaign.h"
#include "campaign/provenance.h"
#include "campaign/run_cell.h"
#include "campaign/sampling.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "protocol/protocol.h"

namespace pressroom {
namespace {

class CampaignRun {
 public:
  CampaignRun(PreparedCampaign& campaign, const std::filesystem::path& directory, PluginHost& host,
              CampaignObserver& observer)
      : campaign_(campaign),
        config_(campaign.config),
        host_(host),
        observer_(observer),
        directory_(directory),
        threads_(config_.threads > 0 ? config_.threads : available_cores()) {
    control_.stop_requested = [this] { return observer_.stop_requested(); };
    control_.on_tokens = [this](std::int64_t tokens) {
      const std::lock_guard<std::mutex> one_at_a_time(observer_mutex_);
      observer_.on_tokens(tokens);
    };
    if (!campaign_.needs_dense) return;
    // As a cell of dense would be run, whose run serves where there is one.
    RunSettings settings;
    settings.protocol = config_.protocol.how;
    settings.positions = config_.positions.value_or(Positions::kOriginal);
    settings.threads = threads_;
    dense_.emplace(settings, choose_engine(config_.engine, EvictionPlan(), ""));
  }

  std::vector<CellResult> run(const std::vector<std::string>& command_line,
                              const ResultsWriter& write) {
    const std::string yaml = frozen_yaml(config_);
    directory_.check_config(yaml);  // another campaign's directory is refused before anything slow
    const WarningSink tell = [this](const std::string& message) { observer_.on_message(message); };
    parts_ = find_campaign_model(campaign_, tell);
    windows_ = std::make_unique<WindowStore>(config_, campaign_.datasets, *parts_.tokenizer,
                                             parts_.description.facts.vocabulary);
    if (config_.match) match_budgets(tell);
    // Of the final plan: find_campaign_model passed over cells that awaited their calibration, and
    // told nothing.
    check_positions_of_cells(campaign_, parts_.description.facts, tell);
    // Everything that datasets and stored results can be wrong with comes out here, before a cell
    // has run.
    const JobParts job_parts{campaign_,  parts_, *windows_,
                             directory_, host_,  control_.stop_requested};
    const std::vector<Job> jobs = make_jobs(job_parts);
    for (const std::string& message : again_messages(jobs)) tell(message);
    // Not before: a config that never ran a cell may still be fixed.
    directory_.freeze_config(yaml);
    repeated_ = repeated_methods(directory_.path() / "events.jsonl");
    write_records(jobs, job_parts, yaml, command_line);
    directory_.log_event({{"event", "begin"}, {"cells", campaign_.cells.size()}});
    // Progress counts dense runs that no cell asks for, too: they take as long.
    const std::int64_t tokens = total_tokens(campaign_.cells, config_.protocol.documents) +
                                (dense_ ? extra_dense_tokens(jobs) : 0);
    observer_.on_plan(campaign_.cells, tokens);
    std::vector<CellResult> results;
    results.reserve(jobs.size());
    try {
      for (const Job& job : jobs) {
        results.push_back(finish(job));
        results.back().cell = job.planned->cell;  // with what its file does not hold
        // It is in the cell's file. Tables and tests do not look at it, and it is half of what a
        // small result takes.
        results.back().size_curve = {};
      }
    } catch (const Interrupted&) {
      // With it all cells so far are on the disk. Other exceptions leave no line: a directory that
      // is gone or full is what they tell of, and a method's are in its cell's result.
      directory_.log_event({{"event", "interrupted"}});
      throw;
    }
    directory_.check_place();  // `write` goes by the path, and would make it anew
    if (write) write(results);
    directory_.log_event({{"event", "end"}});
    return results;
  }

 private:
  // The final plan, with the budgets that calibration finds.
  void match_budgets(const WarningSink& tell) {
    const CalibrationParts parts{campaign_,
                                 parts_,
                                 [this]() -> const Model& { return model(); },
                                 *windows_,
                                 host_,
                                 threads_,
                                 control_.stop_requested,
                                 tell};
    const Calibration found = calibrate(parts, directory_.path() / "calibration.json");
    campaign_.cells = plan_cells(config_, campaign_.methods, &found);
  }

  // Loaded when a cell first has to be run: a campaign that has all its results needs no weights.
  const Model& model() {
    if (model_ == nullptr) {
      LoadOptions options;
      options.dtype = parse_weight_dtype(config_.dtype);
      options.device = config_.device;
      options.threads = threads_;
      options.progress = [this](std::int64_t done, std::int64_t total) {
        observer_.on_load(done, total);
      };
      model_ = Model::load(parts_.files, options);
      require_product_room(threads_);
    }
    return *model_;
  }

  // Fed in dense runs that are made for comparison alone: where the first cell of a group that has
  // to be run is not dense's.
  std::int64_t extra_dense_tokens(const std::vector<Job>& jobs) const {
    std::set<const std::vector<Window>*> begun;  // groups; dense's cell is the first of its group
    std::int64_t tokens = 0;
    for (const Job& job : jobs) {
      if (job.stored || !begun.insert(job.windows).second) continue;
      if (dense_->serves(*job.planned)) continue;
      tokens += job.planned->cell.context_tokens * config_.protocol.documents;
    }
    return tokens;
  }

  // The cell's result: the stored one, or that of running it, stored.
  CellResult finish(const Job& job) {
    // Cells of the same windows stand next to each other in the plan. What is held for them - the
    // dense run's hidden states above all - is of no use to the next.
    if (std::exchange(group_, job.windows) != job.windows) {
      if (dense_) dense_->forget();
      good_of_group_.clear();
    }
    // Invariant I1 goes by budgets: one of everything must give the dense nll. The budget of a cell
    // that is not held to it says nothing, so these are neither checked nor checked against.
    const EvictionPlan& plan = job.planned->plan;
    const bool budget_counts = is_held_to_budget(plan) || !evicts(plan);
    if (job.stored) {
      if (budget_counts) good_of_group_.push_back(*job.stored);
      observer_.on_cell_end(*job.stored, true);
      return *job.stored;
    }
    const PlannedCell& planned = *job.planned;
    observer_.on_cell_begin(planned);
    if (!job.why_again.empty()) observer_.on_cell_again(job.why_again);
    const PluginUse& use = config_.methods[planned.method];
    const std::string method = method_sha256(use, host_);
    CellParts parts = parts_of(job);
    // Once for a method, as it doubles the time of a window: the first cell of which it shows.
    parts.repeats = may_draw(planned) && repeated_.count(method) == 0;
    CellResult result = run_cell(planned, *campaign_.methods[planned.method], *job.windows, parts);
    // A cell without an error has passed, and neither a later cell nor a later run asks again.
    if (parts.repeats && result.error.empty()) {
      directory_.log_event({{"event", "repeated"}, {"method", use.label}, {"sha256", method}});
      repeated_.insert(method);
    }
    if (result.error.empty() && budget_counts) {
      compare_with_group(result);
      if (result.error.empty()) good_of_group_.push_back(result);
    }
    result.content_key = job.content_key;
    // Failed ones, too: whoever reads the directory sees why, and the next run tries again.
    directory_.store_cell(result, job.folder, job.made_from);
    nlohmann::ordered_json event = {{"event", result.error.empty() ? "cell" : "cell failed"},
                                    {"cell", planned.cell.file_stem()},
                                    {"dataset", planned.cell.dataset},
                                    {"seconds", result.seconds},
                                    {"error", result.error}};
    if (!job.why_again.empty()) event["again"] = job.why_again;
    // Small cells would wait longer for the disk than they run. What a loss of power takes is run
    // again.
    directory_.log_event(event, Sync::kLater);
    heap_.trim();
    observer_.on_cell_end(result, false);
    return result;
  }

  // What a cell that has to be run is run with. Loads the model for the first of them.
  CellParts parts_of(const Job& job) {
    const PlannedCell& planned = *job.planned;
    const PluginUse& use = config_.methods[planned.method];
    CellParts parts = {config_,
                       model(),
                       campaign_.metrics,
                       threads_,
                       control_,
                       reconstruction_of(planned.plan, parts_.files),
                       dense_ ? &*dense_ : nullptr,
                       {},
                       {}};
    // To look takes time: methods of the installation, which its tests have looked at, are spared
    // it unless that is asked for.
    parts.check_views = campaign_.check_views || !is_installed(use, host_);
    if (!config_.traces) return parts;
    for (const Window& window : *job.windows) {
      store_token_texts(window, *parts_.tokenizer, directory_);
    }
    parts.trace_stem = directory_.cell_file(planned.cell, job.folder).replace_extension().string();
    // Documents and their hashes differ from window to window: run_cell fills them in.
    parts.trace_header = {config_.model,
                          use.text(),
                          config_.protocol.how.text(),
                          planned.cell.budget_tokens,
                          planned.cell.positions,
                          "",
                          ""};
    return parts;
  }

  // A cell that cannot be right beside those of its windows fails. The others stay as they are:
  // which of two is wrong, a difference does not tell.
  void compare_with_group(CellResult& result) {
    try {
      check_against(result, good_of_group_);
    } catch (const Error& error) {
      result.error = error.what();
      result.documents.clear();
      result.metrics.clear();
      result.size_curve = {};
    }
  }

  PreparedCampaign& campaign_;
  const CampaignConfig& config_;
  PluginHost& host_;
  CampaignObserver& observer_;
  CampaignDirectory directory_;
  std::int64_t threads_;
  RunControl control_;
  std::mutex observer_mutex_;
  CampaignModel parts_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<WindowStore> windows_;
  std::optional<DenseReference> dense_;         // where a metric needs it
  const std::vector<Window>* group_ = nullptr;  // whose dense run and good cells are held
  std::vector<CellResult> good_of_group_;
  HeapTrimmer heap_;
  std::set<std::string> repeated_;  // methods that have shown that they do the same again
};

}  // namespace

std::vector<CellResult> run_campaign(PreparedCampaign& campaign,
                                     const std::filesystem::path& directory, PluginHost& host,
                                     const std::vector<std::string>& command_line,
                                     CampaignObserver& observer, const ResultsWriter& write) {
  return CampaignRun(campaign, directory, host, observer).run(command_line, write);
}

}  // namespace pressroom
