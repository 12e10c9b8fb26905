#include "campaign/campaign.h"

#include <malloc.h>

#include <fstream>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "admission/bind_method.h"
#include "base/sha256.h"
#include "campaign/calibration/calibrate.h"
#include "campaign/campaign_model.h"
#include "campaign/compare_cells.h"
#include "campaign/dense_reference.h"
#include "campaign/directory.h"
#include "campaign/frozen_config.h"
#include "campaign/jobs.h"
#include "campaign/provenance.h"
#include "campaign/repeat_window.h"
#include "campaign/run_cell.h"
#include "campaign/token_texts.h"
#include "campaign/window_store.h"
#include "parallel/cores.h"
#include "parallel/product_room.h"
#include "pressroom/error.h"
#include "protocol/plan_facts.h"

namespace pressroom {
namespace {

// Results that stay, among tensors that come and go, keep the heap from shrinking: 300 MB over
// 2,000 small cells. What is free is given back whenever the process has grown by a twentieth, as
// each time costs the next cell the faults of the pages it uses.
class ProcessMemory {
 public:
  void give_back() {
    const std::int64_t pages = resident_pages();
    if (pages * 20 <= least_pages_ * 21) return;
    ::malloc_trim(0);
    least_pages_ = resident_pages();
  }

 private:
  static std::int64_t resident_pages() {
    std::ifstream file("/proc/self/statm");
    std::int64_t size = 0;
    std::int64_t resident = 0;
    file >> size >> resident;
    return resident;
  }

  std::int64_t least_pages_ = 0;  // after the last time
};

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
    RunSettings settings;
    settings.protocol = config_.protocol.how;
    settings.positions = config_.positions.value_or(Positions::kOriginal);
    settings.threads = threads_;
    dense_.emplace(settings, choose_engine(config_.engine, EvictionPlan(), ""));
  }

  std::vector<CellResult> run(const std::vector<std::string>& command_line,
                              const ResultsWriter& write) {
    const std::string yaml = frozen_yaml(config_);
    directory_.check_config(yaml);
    const WarningSink tell = [this](const std::string& message) { observer_.on_message(message); };
    parts_ = find_campaign_model(campaign_, tell);
    windows_ = std::make_unique<WindowStore>(config_, campaign_.datasets, *parts_.tokenizer,
                                             parts_.description.facts.vocabulary);
    if (config_.match) match_budgets(tell);
    check_positions_of_cells(campaign_, parts_.description.facts, tell);
    const std::vector<Job> jobs =
        make_jobs({campaign_, parts_, *windows_, directory_, host_, control_.stop_requested});
    for (const std::string& message : again_messages(jobs)) tell(message);
    // Not before: a config that never ran a cell may still be fixed.
    directory_.freeze_config(yaml);
    repeated_ = repeated_methods(directory_.path() / "events.jsonl");
    using Json = nlohmann::ordered_json;
    const Json origin = provenance(config_, parts_.files, parts_.description, parts_.hashes,
                                   campaign_.datasets, host_, command_line);
    const std::string origin_text =
        origin.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
    directory_.write("provenance.json", origin_text);
    const Json plan = plan_json(
        {config_.name, sha256_hex(yaml), sha256_hex(origin_text), planned_files(jobs, directory_)});
    directory_.write("plan.json", plan.dump(1) + "\n");
    directory_.log_event({{"event", "begin"}, {"cells", campaign_.cells.size()}});
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
    std::set<const std::vector<Window>*> begun;
    std::int64_t tokens = 0;
    for (const Job& job : jobs) {
      if (job.stored || !begun.insert(job.windows).second) continue;
      if (dense_->serves(*job.planned)) continue;
      tokens += job.planned->cell.context_tokens * config_.protocol.documents;
    }
    return tokens;
  }

  CellResult finish(const Job& job) {
    if (std::exchange(group_, job.windows) != job.windows) {
      if (dense_) dense_->forget();
      good_of_group_.clear();
    }
    const EvictionPlan& plan = job.planned->plan;
    const bool has_dense_budget = is_held_to_budget(plan) || !evicts(plan);
    if (job.stored) {
      if (has_dense_budget) good_of_group_.push_back(*job.stored);
      observer_.on_cell_end(*job.stored, true);
      return *job.stored;
    }
    const PlannedCell& planned = *job.planned;
    observer_.on_cell_begin(planned);
    if (!job.why_again.empty()) observer_.on_cell_again(job.why_again);
    CellParts parts = {config_,
                       model(),
                       campaign_.metrics,
                       threads_,
                       control_,
                       reconstruction_of(planned.plan, parts_.files),
                       dense_ ? &*dense_ : nullptr,
                       {},
                       {}};
    if (config_.traces) {
      for (const Window& window : *job.windows) {
        store_token_texts(window, *parts_.tokenizer, directory_);
      }
      parts.trace_stem =
          directory_.cell_file(planned.cell, job.folder).replace_extension().string();
      parts.trace_header = {config_.model,
                            config_.methods[planned.method].text(),
                            config_.protocol.how.text(),
                            planned.cell.budget_tokens,
                            planned.cell.positions,
                            "",
                            ""};
    }
    const PluginUse& use = config_.methods[planned.method];
    const std::string method = method_sha256(use, host_);
    parts.check_views = campaign_.check_views || !is_installed(use, host_);
    parts.repeats = may_draw(planned) && repeated_.count(method) == 0;
    CellResult result = run_cell(planned, *campaign_.methods[planned.method], *job.windows, parts);
    // Before the cell is stored: who is killed in between runs both again.
    if (parts.repeats && result.error.empty()) {
      directory_.log_event({{"event", "repeated"}, {"method", use.label}, {"sha256", method}});
      repeated_.insert(method);
    }
    if (result.error.empty() && has_dense_budget) compare_with_group(result);
    if (result.error.empty() && has_dense_budget) good_of_group_.push_back(result);
    result.content_key = job.content_key;
    directory_.store_cell(result, job.folder, job.made_from);
    nlohmann::ordered_json event = {{"event", result.error.empty() ? "cell" : "cell failed"},
                                    {"cell", planned.cell.file_stem()},
                                    {"dataset", planned.cell.dataset},
                                    {"seconds", result.seconds},
                                    {"error", result.error}};
    if (!job.why_again.empty()) event["again"] = job.why_again;
    directory_.log_event(event, Sync::kLater);
    memory_.give_back();
    observer_.on_cell_end(result, false);
    return result;
  }

  // A cell that cannot be right beside those of its windows fails.
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
  std::unique_ptr<Model> model_;  // once a cell has to be run
  std::unique_ptr<WindowStore> windows_;
  std::optional<DenseReference> dense_;         // where a metric needs it
  const std::vector<Window>* group_ = nullptr;  // whose dense run and good cells are held
  std::vector<CellResult> good_of_group_;
  ProcessMemory memory_;
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
