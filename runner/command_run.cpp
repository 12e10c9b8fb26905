#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <exception>
#include <functional>
#include <iostream>
#include <nlohmann/json.hpp>

#include "campaign/campaign.h"
#include "campaign/jobs.h"
#include "campaign/prepared_campaign.h"
#include "command.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "process_setup.h"
#include "progress.h"
#include "report/table/results_files.h"
#include "report/table/results_table.h"
#include "results/plan_json.h"
#include "results/stored_cell.h"
#include "stats/comparison.h"
#include "work/supervisor.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

// Shortcut flags and the config key each stands for. Several words make a list.
constexpr struct {
  const char* flag;
  const char* key;
  const char* help;
} kShortcuts[] = {
    {"methods", "methods", "methods, by name or as inline YAML"},
    {"datasets", "datasets", "datasets, as inline YAML"},
    {"sparsity", "sparsity", "fractions removed"},
    {"context", "protocol.context", "window lengths in tokens"},
    {"documents", "protocol.documents", "windows per dataset and seed"},
    {"seeds", "seeds", "campaign seeds"},
    {"model", "model", "starter, a model directory, a .gguf file, or a hub name"},
    {"engine", "engine", "auto, replay or decode"},
    {"device", "device", "cpu or cuda: where the model runs"},
    {"dtype", "dtype", "float32, bfloat16 or float16: how weights are held"},
    {"threads", "threads", "threads to use; 0 for all cores"},
    {"limit-seconds", "limits.seconds", "most seconds of a cell; 0: no limit"},
    {"limit-stall-seconds", "limits.stall_seconds",
     "most seconds without a sign of progress; 0: no limit"},
    {"limit-memory-mb", "limits.memory_mb", "most MB that a worker holds in RAM; 0: no limit"},
    {"retries", "retries", "times a cell is run again whose worker was killed"}};

// Words of the command line as messages repeat them.
std::string quoted(const std::string& words) {
  constexpr std::size_t kMostBytes = 200;
  return words.size() <= kMostBytes ? words : words.substr(0, kMostBytes) + "...";
}

std::string as_yaml(const Words& words) {
  // Not bracketed: it may be a YAML list, or one value of a key that takes no list.
  if (words.size() == 1) return words[0];
  std::string list;
  for (const std::string& word : words) list += (list.empty() ? "[" : ", ") + word;
  return list + "]";
}

std::vector<Override> overrides_from(const po::variables_map& values) {
  std::vector<Override> overrides;
  for (const auto& shortcut : kShortcuts) {
    if (values.count(shortcut.flag) == 0) continue;
    const std::string yaml = as_yaml(values[shortcut.flag].as<Words>());
    overrides.push_back(
        {shortcut.key, yaml, std::string("--") + shortcut.flag + " " + quoted(yaml)});
  }
  if (values.count("set") == 0) return overrides;
  for (const std::string& word : values["set"].as<Words>()) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos) {
      throw Error({"--set needs a key and a value", "", "--set a.b=value", word,
                   "write it as one word, as --set protocol.context=512"});
    }
    overrides.push_back({word.substr(0, equals), word.substr(equals + 1), "--set " + quoted(word)});
  }
  return overrides;
}

po::options_description config_options() {
  po::options_description options("options");
  options.add_options()("set", po::value<Words>()->composing()->value_name("KEY=VALUE"),
                        "set any key of the config, e.g. protocol.context=512");
  for (const auto& shortcut : kShortcuts) {
    options.add_options()(shortcut.flag, po::value<Words>()->multitoken(), shortcut.help);
  }
  return options;
}

// Dataset and file name; what is measured first has no sparsity to be named by yet.
std::string name_of(const PlannedCell& planned) {
  const Cell& cell = planned.cell;
  if (!planned.awaits_calibration) return cell.dataset + "  " + cell.file_stem();
  return cell.dataset + "  " + cell.method + "_s(measured)_ctx" +
         std::to_string(cell.context_tokens) + "_seed" + std::to_string(cell.seed);
}

// Cells and what they cost: tokens, and arithmetic from the model's shape.
void print_plan(const PreparedCampaign& campaign) {
  const ModelDescription model = check_against_model(campaign, find_model(campaign.config.model));
  const ModelFacts& facts = model.facts;
  const auto width = static_cast<double>(facts.hidden_size);
  const double projections =
      2.0 * static_cast<double>((facts.query_heads + facts.kv_heads) * facts.head_dim);
  const double per_token = 2 * (static_cast<double>(facts.layers) * width *
                                    (projections + 3.0 * static_cast<double>(model.mlp_size)) +
                                width * static_cast<double>(facts.vocabulary));
  std::size_t width_of_names = 0;
  for (const PlannedCell& planned : campaign.cells) {
    width_of_names = std::max(width_of_names, name_of(planned).size());
  }
  double total_flops = 0;
  for (const PlannedCell& planned : campaign.cells) {
    const Cell& cell = planned.cell;
    const std::int64_t tokens = cell.context_tokens * campaign.config.protocol.documents;
    const auto entries = static_cast<double>(std::min(cell.budget_tokens, cell.context_tokens));
    const double attention =
        4.0 * static_cast<double>(facts.layers * facts.query_heads * facts.head_dim) * entries;
    const double flops = static_cast<double>(tokens) * (per_token + attention);
    total_flops += flops;
    const std::string name = name_of(planned);
    std::cout << name << std::string(width_of_names - name.size(), ' ') << "  budget "
              << (planned.awaits_calibration ? "found by calibration"
                                             : std::to_string(cell.budget_tokens))
              << "  positions " << to_string(cell.positions) << "  " << flops / 1e9 << " GFLOP\n";
  }
  constexpr double kAssumedFlops = 5e9;
  const std::int64_t documents = campaign.config.protocol.documents;
  std::cout << campaign.cells.size() << " cells, " << total_tokens(campaign.cells, documents)
            << " tokens, " << total_flops / 1e9 << " GFLOP: about "
            << total_flops / kAssumedFlops / static_cast<double>(available_cores())
            << " s at an assumed 5 GFLOP/s a core\n";
}

std::string words(const CellOutlook& outlook) {
  switch (outlook.state) {
    case CellState::kToRun:
      return "to run";
    case CellState::kDone:
      return "done";
    case CellState::kFailed:
      return std::string("to run again, as ") + kFailedBefore;
    case CellState::kChanged:
      return "to run again, as " + outlook.why;
  }
  return "";
}

// How many cells of `campaign` are done in `directory`, and which are left, with the reason where a
// result is stored; nothing where there is no directory. Throws Error when the directory holds
// another campaign.
//
//   results/x: 12 done, 1 failed before, 2 changed, 3 to run
//     text  h2o_s0.5_ctx512_seed42  to run again, as method h2o changed: 9f86d081 -> 60303ae2
void print_outlook(const PreparedCampaign& campaign, const std::filesystem::path& directory,
                   const PluginHost& host) {
  if (!std::filesystem::exists(directory)) return;
  const std::vector<CellOutlook> outlooks = cell_outlooks(campaign, directory, host);
  const auto count = [&outlooks](CellState state) {
    return std::to_string(
        std::count_if(outlooks.begin(), outlooks.end(),
                      [state](const CellOutlook& one) { return one.state == state; }));
  };
  std::cout << directory.string() << ": " << count(CellState::kDone) << " done, "
            << count(CellState::kFailed) << " failed before, " << count(CellState::kChanged)
            << " changed, " << count(CellState::kToRun) << " to run\n";
  for (std::size_t i = 0; i < outlooks.size(); ++i) {
    if (outlooks[i].state == CellState::kDone) continue;
    const PlannedCell& planned = campaign.cells[i];
    const std::string name = planned.awaits_calibration
                                 ? planned.cell.method + " (its budget is found first)"
                                 : planned.cell.file_stem();
    std::cout << "  " << planned.cell.dataset << "  " << name << "  " << words(outlooks[i]) << "\n";
  }
}

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
  // The files first: they are there even where nobody reads what is printed. The table is printed
  // even where the disk has no room for the files.
  const auto write = [&](const std::vector<CellResult>& all) {
    const ComparisonReport report = compare(all);
    findings = report.findings;
    const std::string table = table_text(results_table(all, report), voice.may_colour);
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

// What a campaign is run from: the config as the user gave it, or as a directory keeps it.
struct CampaignSource {
  std::filesystem::path config;
  std::vector<Override> overrides;
  std::filesystem::path directory;  // "": results/<name>
  bool check_views = false;
  std::vector<std::filesystem::path> reuse;  // campaigns whose results may be taken
  std::int64_t threads = 0;  // of each worker, where the config does not say; 0: all cores
};

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

PreparedCampaign prepare(const CampaignSource& source, PluginHost& host) {
  CampaignConfig config = load_config(source.config, source.overrides, host);
  if (config.threads == 0) config.threads = source.threads;
  PreparedCampaign campaign = prepare_campaign(std::move(config), host);
  campaign.check_views = source.check_views;
  return campaign;
}

std::filesystem::path directory_of(const CampaignSource& source, const PreparedCampaign& campaign) {
  if (!source.directory.empty()) return source.directory;
  return std::filesystem::path("results") / campaign.config.name;
}

// The body of a worker.
int work(const CampaignSource& source, const WorkerTask& task, PluginHost& host,
         const Words& command_line, bool may_colour, WorkerLink& link) {
  const Voice voice = {[&](const std::string& text) { link.table(text); },
                       [&](const Problem& problem) { link.problem(problem); }, may_colour};
  try {
    PreparedCampaign campaign = prepare(source, host);
    const std::filesystem::path directory = directory_of(source, campaign);
    if (!task.plans) take_limits(directory, campaign.config);
    link.limits(campaign.config);
    WorkSettings settings;
    settings.plans = task.plans;
    settings.first_cell = task.first_cell;
    settings.may_be_replaced = true;
    settings.reuse = source.reuse;
    return run_here(campaign, directory, host, command_line, link, voice, settings, task.finishes);
  } catch (const Interrupted&) {
    return kInterrupted;
  } catch (const NeedsNewProcess&) {
    return kReplaceWorker;
  } catch (...) {
    for (const Problem& problem : problems_of(std::current_exception())) link.problem(problem);
    return kWrongRequest;
  }
}

std::int64_t seconds_of(const std::string& words) {
  const auto refuse = [&]() -> Error {
    return Error({"--time is no length of time", "", "a number of seconds, or 90s, 30m, 12h", words,
                  "write it like one of these"});
  };
  std::size_t end = 0;
  double value = 0;
  try {
    value = std::stod(words, &end);
  } catch (const std::exception&) {
    throw refuse();
  }
  const std::string unit = words.substr(end);
  const double scale = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  if (scale == 0 || !(value > 0) || value * scale > 1e9) throw refuse();
  return static_cast<std::int64_t>(std::ceil(value * scale));
}

// Runs the cells of `source` in workers under supervision.
int supervise_campaign(const CampaignSource& source, const po::variables_map& values,
                       SupervisorSettings settings, const Words& command_line) {
  // Reads manifests alone; workers inherit it.
  PluginHost host = make_host(values);
  settings.workers = whole_number(values, "workers", 1, 1024);
  CampaignSource each = source;
  if (settings.workers > 1 && each.threads == 0) {
    each.threads = std::max<std::int64_t>(1, available_cores() / settings.workers);
  }
  const std::int64_t most_seconds =
      values.count("time") > 0 ? seconds_of(values["time"].as<std::string>()) : 0;
  watch_signals();
  watch_for_end();
  Progress progress;
  const bool colour = may_colour(STDOUT_FILENO);
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
  return supervise(settings, body, progress, stop, print, complain);
}

int run_in_process(const CampaignSource& source, const po::variables_map& values,
                   const Words& command_line) {
  PluginHost host = make_host(values);
  PreparedCampaign campaign = prepare(source, host);
  watch_signals();
  Progress progress;
  const Voice voice = {[&](const std::string& text) {
                         progress.clear();
                         std::cout << text << std::flush;
                       },
                       [&](const Problem& problem) { spdlog::error("{}", problem.text()); },
                       may_colour(STDOUT_FILENO)};
  WorkSettings settings;
  settings.reuse = source.reuse;
  settings.lease = std::chrono::hours(1);  // whoever looks at it in a debugger takes their time
  return run_here(campaign, directory_of(source, campaign), host, command_line, progress, voice,
                  settings);
}

void add_worker_options(po::options_description& options) {
  options.add_options()("workers", po::value<std::int64_t>()->default_value(1)->value_name("N"),
                        "processes that run cells; the cores are shared among them")(
      "time", po::value<std::string>()->value_name("LIMIT"),
      "begin no cell after this long (90s, 30m, 12h), and end with exit code 3");
}

Words whole_command(const char* name, const Words& words) {
  Words command_line = {"pressroom", name};
  command_line.insert(command_line.end(), words.begin(), words.end());
  return command_line;
}

}  // namespace

int command_run(const Words& words) {
  po::options_description options = config_options();
  options.add_options()("out", po::value<std::string>()->value_name("DIR"),
                        "the campaign's directory (results/<name>)");
  options.add_options()("check-views", "fail methods that write to what they are shown");
  options.add_options()("reuse", po::value<Words>()->multitoken()->value_name("DIR"),
                        "campaigns whose results are copied where they are made from the same");
  add_worker_options(options);
  options.add_options()("in-process",
                        "run cells in this process, for debuggers: what crashes ends the run");
  options.add_options()(
      "dry-run", "print the cells, their estimated cost and what is there already, run nothing");
  const po::variables_map values = parse_words(words, "run CONFIG [OPTIONS]", options, {"config"});
  CampaignSource source;
  source.config = values["config"].as<std::string>();
  source.overrides = overrides_from(values);
  if (values.count("out") > 0) source.directory = values["out"].as<std::string>();
  source.check_views = values.count("check-views") > 0;
  if (values.count("reuse") > 0) {
    for (const std::string& word : values["reuse"].as<Words>()) source.reuse.emplace_back(word);
  }
  if (values.count("dry-run") > 0) {
    PluginHost host = make_host(values);
    const PreparedCampaign campaign = prepare(source, host);
    print_plan(campaign);
    print_outlook(campaign, directory_of(source, campaign), host);
    return kDone;
  }
  const Words command_line = whole_command("run", words);
  if (values.count("in-process") > 0) {
    if (!values["workers"].defaulted() || values.count("time") > 0) {
      throw Error({"--in-process has no workers", "", "--in-process alone", "--workers or --time",
                   "leave one of them out"});
    }
    return run_in_process(source, values, command_line);
  }
  return supervise_campaign(source, values, SupervisorSettings(), command_line);
}

int command_work(const Words& words) {
  po::options_description options("options");
  add_worker_options(options);
  options.add_options()("threads", po::value<std::int64_t>()->default_value(0)->value_name("T"),
                        "of each worker; 0: the cores, shared among the workers");
  const po::variables_map values = parse_words(words, "work DIR [OPTIONS]", options, {"directory"});
  CampaignSource source;
  source.directory = values["directory"].as<std::string>();
  source.config = source.directory / "config.yaml";
  source.threads = whole_number(values, "threads", 0, 4096);
  require_plan(source.directory);
  SupervisorSettings settings;
  settings.plans = false;
  return supervise_campaign(source, values, settings, whole_command("work", words));
}

int command_check(const Words& words) {
  const po::variables_map values =
      parse_words(words, "check CONFIG [OPTIONS]", config_options(), {"config"});
  PluginHost host = make_host(values);
  const PreparedCampaign campaign = prepare_campaign(
      load_config(values["config"].as<std::string>(), overrides_from(values), host), host);
  check_against_model(campaign, find_model(campaign.config.model));
  std::cout << values["config"].as<std::string>() << ": " << campaign.cells.size()
            << " cells, no mistakes\n";
  return kDone;
}

}  // namespace pressroom
