#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <exception>
#include <iostream>
#include <nlohmann/json.hpp>

#include "campaign/campaign.h"
#include "campaign/jobs.h"
#include "campaign/prepared_campaign.h"
#include "command.h"
#include "parallel/parallel_for.h"
#include "pressroom/error.h"
#include "progress.h"
#include "report/table/results_files.h"
#include "report/table/results_table.h"
#include "results/stored_cell.h"
#include "stats/comparison.h"

namespace pressroom {
namespace {

namespace po = boost::program_options;

// Shortcut flags and the config key each stands for. Several words make a list.
constexpr struct {
  const char* flag;
  const char* key;
  const char* help;
} kShortcuts[] = {{"methods", "methods", "methods, by name or as inline YAML"},
                  {"datasets", "datasets", "datasets, as inline YAML"},
                  {"sparsity", "sparsity", "fractions removed"},
                  {"context", "protocol.context", "window lengths in tokens"},
                  {"documents", "protocol.documents", "windows per dataset and seed"},
                  {"seeds", "seeds", "campaign seeds"},
                  {"model", "model", "starter, a model directory, a .gguf file, or a hub name"},
                  {"engine", "engine", "auto, replay or decode"},
                  {"device", "device", "cpu or cuda: where the model runs"},
                  {"dtype", "dtype", "float32, bfloat16 or float16: how weights are held"},
                  {"threads", "threads", "threads to use; 0 for all cores"}};

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

}  // namespace

int command_run(const Words& words) {
  po::options_description options = config_options();
  options.add_options()("out", po::value<std::string>()->value_name("DIR"),
                        "the campaign's directory (results/<name>)");
  options.add_options()("check-views", "fail methods that write to what they are shown");
  options.add_options()(
      "dry-run", "print the cells, their estimated cost and what is there already, run nothing");
  const po::variables_map values = parse_words(words, "run CONFIG [OPTIONS]", options, {"config"});
  PluginHost host = make_host(values);
  PreparedCampaign campaign = prepare_campaign(
      load_config(values["config"].as<std::string>(), overrides_from(values), host), host);
  campaign.check_views = values.count("check-views") > 0;
  const std::filesystem::path directory =
      values.count("out") > 0 ? std::filesystem::path(values["out"].as<std::string>())
                              : std::filesystem::path("results") / campaign.config.name;
  if (values.count("dry-run") > 0) {
    print_plan(campaign);
    print_outlook(campaign, directory, host);
    return kDone;
  }
  watch_signals();
  Words command_line = {"pressroom", "run"};
  command_line.insert(command_line.end(), words.begin(), words.end());
  Progress progress;
  std::vector<CellResult> results;
  std::vector<Problem> findings;
  // The files first: they are there even where nobody reads what is printed. The table is printed
  // even where the disk has no room for the files.
  const auto write = [&](const std::vector<CellResult>& all) {
    progress.clear();
    const ComparisonReport report = compare(all);
    findings = report.findings;
    const std::string table = table_text(results_table(all, report), may_colour(STDOUT_FILENO));
    std::string of_studies;
    try {
      of_studies = write_campaign_files(all, report, campaign.config, directory);
    } catch (...) {
      std::cout << table << std::flush;
      throw;
    }
    std::cout << table << of_studies << std::flush;
  };
  try {
    results = run_campaign(campaign, directory, host, command_line, progress, write);
  } catch (...) {
    progress.clear();
    throw;
  }
  progress.clear();
  std::cout << "\nresults are in " << directory.string()
            << "; pressroom report makes a page of them" << std::endl;
  for (const Problem& finding : findings) spdlog::error("{}", finding.text());
  const bool failed = std::any_of(results.begin(), results.end(),
                                  [](const CellResult& result) { return !result.error.empty(); });
  return failed || !findings.empty() ? kCellsFailed : kDone;
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
