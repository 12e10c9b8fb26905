#include "campaign_runs.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <functional>
#include <iostream>
#include <optional>

#include "base/utf8.h"
#include "campaign/extension.h"
#include "campaign/locked_plugins.h"
#include "campaign_options.h"
#include "config/preview.h"
#include "end_of_run.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "process_setup.h"
#include "progress.h"
#include "question.h"
#include "report/table/results_files.h"
#include "report/table/results_table.h"
#include "report/table/shown_metrics.h"
#include "results/plan_json.h"
#include "results/plugins_lock.h"
#include "results/unsigned_plugins.h"
#include "stats/comparison.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

// At the end of its scope, however that is left, the bar is gone.
class ClearedProgress {
 public:
  explicit ClearedProgress(Progress& progress) : progress_(progress) {}
  ~ClearedProgress() { progress_.clear(); }
  ClearedProgress(const ClearedProgress&) = delete;
  ClearedProgress& operator=(const ClearedProgress&) = delete;

 private:
  Progress& progress_;
};

// Where what a campaign comes to is said.
struct Voice {
  std::function<void(const std::string& text)> print;
  std::function<void(const Problem& problem)> complain;
  bool may_colour = false;
};

// Runs `campaign` in this process and says what it came to; returns the exit code. Without
// `finishes`, what is made of all results is left to another process.
int run_here(PreparedCampaign& campaign, const std::filesystem::path& directory, PluginHost& host,
             const Words& command_line, CampaignObserver& observer, const Voice& voice,
             const WorkSettings& settings, bool finishes = true) {
  std::vector<Problem> findings;
  const std::string alert = unsigned_alert(unsigned_plugins(lock_of(campaign.config, host)));
  // The files first: they are there even where nobody reads what is printed. The table is printed
  // even where the disk has no room for the files.
  const auto write = [&](const std::vector<CellResult>& all) {
    const ShownMetrics shown = shown_metrics(campaign.config.description);
    const ComparisonReport report = compare_shown(all, {}, shown);
    findings = report.findings;
    std::string table = table_text(results_table(all, report, shown.columns), voice.may_colour);
    if (!alert.empty()) table += '\n' + printable(alert) + '\n';
    std::string of_studies;
    try {
      of_studies = write_campaign_files(all, report, campaign.config, directory);
    } catch (...) {
      voice.print(table);
      throw;
    }
    voice.print(table + of_studies);
  };
  const std::vector<CellResult> results =
      run_campaign(campaign, directory, host, command_line, observer,
                   finishes ? ResultsWriter(write) : ResultsWriter(), settings);
  if (!finishes) return kDone;
  voice.print("\nresults are in " + directory.string() +
              "; pressroom report makes a page of them\n");
  for (const Problem& finding : findings) voice.complain(finding);
  const bool failed = std::any_of(results.begin(), results.end(),
                                  [](const CellResult& result) { return !result.error.empty(); });
  return failed || !findings.empty() ? kCellsFailed : kDone;
}

// The limits that the directory's plan has, which its frozen config leaves out.
void take_limits(const std::filesystem::path& directory, CampaignConfig& config) {
  const StoredPlan plan = read_plan(directory);
  const auto value = [&](const char* name, std::int64_t usual) {
    const auto found = plan.limits.find(name);
    return found == plan.limits.end() ? usual : found->second;
  };
  config.limits = {value("seconds", config.limits.seconds),
                   value("stall_seconds", config.limits.stall_seconds),
                   value("memory_mb", config.limits.memory_mb)};
  config.retries = value("retries", config.retries);
}

// As WorkSettings has it. `ask` puts a question to the user.
std::function<bool(const Extension& extension)> consent(
    Extending extending, const std::function<bool(const std::string& question)>& ask) {
  if (extending == Extending::kNever) return {};
  return [extending, ask](const Extension& extension) {
    if (extending == Extending::kAsked) return ask(question_of(extension));
    return extending == Extending::kTold;
  };
}

// The body of a worker.
int work(const CampaignSource& source, const WorkerTask& task, PluginHost& host,
         const Words& command_line, bool may_colour, WorkerLink& link) {
  const Voice voice = {[&](const std::string& text) { link.table(text); },
                       [&](const Problem& problem) { link.problem(problem); }, may_colour};
  try {
    host.on_trial(
        [&](PluginKind kind, const std::string& name, const std::optional<Problem>& problem) {
          link.trial(to_string(kind), name, problem);
        });
    PreparedCampaign campaign = prepare(source, host);
    const std::filesystem::path directory = directory_of(source, campaign);
    const std::filesystem::path limits_from = task.plans ? source.limits_from : directory;
    if (!limits_from.empty()) take_limits(limits_from, campaign.config);
    link.limits(campaign.config);
    WorkSettings settings;
    settings.plans = task.plans;
    settings.first_cell = task.first_cell;
    settings.may_be_replaced = true;
    settings.reuse = source.reuse;
    settings.only = source.only;
    settings.may_extend = consent(
        source.extending, [&link](const std::string& question) { return link.ask(question); });
    return run_here(campaign, directory, host, command_line, link, voice, settings,
                    task.finishes && source.finishes);
  } catch (const Interrupted&) {
    return kInterrupted;
  } catch (const NeedsNewProcess&) {
    return kReplaceWorker;
  } catch (...) {
    for (const Problem& problem : problems_of(std::current_exception())) link.problem(problem);
    return kWrongRequest;
  }
}

}  // namespace

PreparedCampaign prepare(const CampaignSource& source, PluginHost& host) {
  CampaignConfig config = load_config(source.config, source.overrides, host);
  if (config.threads == 0) config.threads = source.threads;
  PreparedCampaign campaign = prepare_campaign(std::move(config), host);
  campaign.check_views = source.check_views;
  campaign.is_locked = source.lock == LockUse::kRequired;
  return campaign;
}

PluginHost host_for(const CampaignSource& source, const po::variables_map& values) {
  return make_host(values, preview_campaign(source.config, source.overrides).plugin_dirs);
}

void hold_to_lock_of(const CampaignSource& source, PluginHost& host) {
  if (source.lock == LockUse::kNone) return;
  std::filesystem::path file = source.lock_file;
  if (file.empty()) {
    // A plugin would be loaded for more of the config than its name.
    file = (source.directory.empty()
                ? preview_campaign(source.config, source.overrides).usual_directory()
                : source.directory) /
           kLockFile;
  }
  std::error_code unreadable;
  if (!std::filesystem::exists(file, unreadable) && !unreadable) {
    if (source.lock != LockUse::kRequired) return;
    throw Error({"there is no lock to hold the plugins to", file.string(),
                 "the plugins.lock that a run writes with its plan", "no such file",
                 "put the one of the campaign there, or leave out --locked"});
  }
  try {
    for (const std::string& warning : hold_to_lock(file, host)) {
      spdlog::warn("{}", printable(warning));
    }
  } catch (const Error&) {
    if (source.lock != LockUse::kWherePossible) throw;
  }
}

std::filesystem::path directory_of(const CampaignSource& source, const PreparedCampaign& campaign) {
  if (!source.directory.empty()) return source.directory;
  return std::filesystem::path("results") / campaign.config.name;
}

int run_in_workers(const CampaignSource& source, const po::variables_map& values,
                   SupervisorSettings settings, const Words& command_line) {
  settings.workers = whole_number(values, "workers", 1, 1024);
  const std::int64_t most_seconds = most_seconds_from(values);
  // Reads manifests alone; workers inherit it.
  PluginHost host = host_for(source, values);
  hold_to_lock_of(source, host);
  const EndOfRun end(source);
  host.set_trial(Trial::kStandIn);  // the cells of other methods are run all the same
  settings.on_trial = [&host](const std::string& kind, const std::string& name,
                              const std::optional<Problem>& problem) {
    if (const std::optional<PluginKind> known = plugin_kind_named(kind)) {
      host.note_trial(*known, name, problem);
    }
  };
  CampaignSource each = source;
  if (settings.workers > 1 && each.threads == 0) {
    each.threads = std::max<std::int64_t>(1, available_cores() / settings.workers);
  }
  watch_signals();
  watch_for_end();
  Progress progress;
  RunTally tally(progress);
  const bool colour = may_colour(STDOUT_FILENO);
  settings.answer = [&progress](const std::string& question) {
    progress.clear();
    return answer_to(question);
  };
  const auto begun = std::chrono::steady_clock::now();
  const auto stop = [&]() -> Stop {
    if (stop_was_requested()) return Stop::kNow;
    const bool is_over = most_seconds > 0 && std::chrono::steady_clock::now() - begun >
                                                 std::chrono::seconds(most_seconds);
    return end_is_near() || is_over ? Stop::kAfterCell : Stop::kNone;
  };
  const auto body = [&](const WorkerTask& task, WorkerLink& link) {
    CampaignSource mine = each;
    if (!task.directory.empty()) {
      // As it was planned, whatever has become of the file that the user gave.
      mine.directory = task.directory;
      mine.config = task.directory / "config.yaml";
      mine.overrides.clear();
    }
    if (task.threads > 0) mine.threads = task.threads;
    return work(mine, task, host, command_line, colour, link);
  };
  const auto print = [&](const std::string& text) {
    progress.clear();
    std::cout << text << std::flush;
  };
  const auto complain = [&](const Problem& problem) {
    progress.clear();
    spdlog::error("{}", problem.text());
  };
  return end.follow(tally, [&] {
    const ClearedProgress cleared(progress);
    return supervise(settings, body, tally, stop, print, complain);
  });
}

int run_in_process(const CampaignSource& source, const po::variables_map& values,
                   const Words& command_line) {
  PluginHost host = host_for(source, values);
  hold_to_lock_of(source, host);
  const EndOfRun end(source);
  host.set_trial(Trial::kNone);
  PreparedCampaign campaign = prepare(source, host);
  watch_signals();
  Progress progress;
  RunTally tally(progress);
  const Voice voice = {[&](const std::string& text) {
                         progress.clear();
                         std::cout << text << std::flush;
                       },
                       [&](const Problem& problem) { spdlog::error("{}", problem.text()); },
                       may_colour(STDOUT_FILENO)};
  WorkSettings settings;
  settings.reuse = source.reuse;
  settings.may_extend = consent(source.extending, [&progress](const std::string& question) {
    progress.clear();
    const std::optional<bool> answer = answer_to(question);
    if (!answer) throw Interrupted();
    return *answer;
  });
  settings.lease = std::chrono::hours(1);  // whoever looks at it in a debugger takes their time
  return end.follow(tally, [&] {
    const ClearedProgress cleared(progress);
    return run_here(campaign, directory_of(source, campaign), host, command_line, tally, voice,
                    settings);
  });
}

Words whole_command(const char* name, const Words& words) {
  Words command_line = {"pressroom", name};
  command_line.insert(command_line.end(), words.begin(), words.end());
  return command_line;
}

}  // namespace pressroom
