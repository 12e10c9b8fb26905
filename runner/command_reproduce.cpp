#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <iterator>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/utf8.h"
#include "campaign_options.h"
#include "campaign_runs.h"
#include "command.h"
#include "config/preview.h"
#include "engine/run.h"
#include "pressroom/error.h"
#include "reproduction_place.h"
#include "results/plugins_lock.h"
#include "results/reproduction.h"
#include "results/stored_campaign.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

// The cells that have a result, or `sample` of them drawn by `seed`; by index, ascending.
std::vector<std::size_t> drawn_cells(const StoredCampaign& campaign, std::int64_t sample,
                                     std::uint64_t seed) {
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < campaign.results.size(); ++i) {
    if (campaign.results[i].error != kNotRun) all.push_back(i);
  }
  if (sample == 0) return all;
  std::vector<std::size_t> drawn;
  std::mt19937_64 random(seed);
  std::sample(all.begin(), all.end(), std::back_inserter(drawn), sample, random);
  return drawn;
}

WantedCells wanted_of(const StoredCampaign& campaign, const std::vector<std::size_t>& cells,
                      bool may_have_changed) {
  WantedCells wanted;
  for (const std::size_t i : cells) {
    const std::string& file = campaign.plan[i].file;
    WantedCell& cell = wanted[file];
    if (may_have_changed) continue;
    cell.content_key = campaign.results[i].content_key;
    cell.made_from = read_made_from(campaign.directory / file);
  }
  return wanted;
}

// What became of the cells, a line each.
class Account {
 public:
  Account(const StoredCampaign& campaign, const fs::path& again)
      : campaign_(campaign), again_(again) {}

  // Of a cell that was run; of one that was not, where the run was interrupted, nothing.
  void add(std::size_t index) {
    const PlannedFile& planned = campaign_.plan[index];
    const CellResult& stored = campaign_.results[index];
    const std::optional<CellResult> now = read_result(again_ / planned.file);
    if (!now && is_interrupted_) return;
    Reproduction found = {Agreement::kDifferent, 0, "the cell is not in the plan any more"};
    std::string changed;
    if (now) {
      found = compare_with_stored(stored, *now);
      if (now->content_key != stored.content_key) {
        changed = "; " + what_changed(read_made_from(campaign_.directory / planned.file),
                                      read_made_from(again_ / planned.file));
      }
    }
    std::string verdict = found.text();
    if (now && !now->error.empty() && !stored.error.empty()) {
      ++failed_;
      verdict = "fails, as before";
    } else {
      ++counts_[static_cast<std::size_t>(found.agreement)];
    }
    if (found.agreement == Agreement::kWithinRounding) most_ = std::max(most_, found.difference);
    std::cout << printable("  " + planned.cell.dataset + "  " + planned.cell.file_stem() + "  " +
                           verdict + changed + "\n");
  }

  // "12 cells: 10 equal to the bit, 1 equal within rounding (by up to 3e-07), 1 different"
  void print_sum() const {
    const std::size_t all = counts_[0] + counts_[1] + counts_[2] + failed_;
    std::cout << all << (all == 1 ? " cell: " : " cells: ") << counts_[0] << " equal to the bit, "
              << counts_[1] << " equal within rounding";
    if (counts_[1] > 0) std::cout << " (by up to " << difference_text(most_) << ")";
    std::cout << ", " << counts_[2] << " different";
    if (failed_ > 0) std::cout << ", " << failed_ << " that fail as before";
    std::cout << "\n";
  }

  void was_interrupted() { is_interrupted_ = true; }
  bool all_agree() const { return counts_[2] == 0; }

 private:
  const StoredCampaign& campaign_;
  fs::path again_;
  std::size_t counts_[3] = {0, 0, 0};  // by Agreement
  std::size_t failed_ = 0;             // then and now
  double most_ = 0;
  bool is_interrupted_ = false;
};

std::uint64_t seed_from(const po::variables_map& values) {
  // Not the same one each time: whoever made the directory does not know which cells are looked at.
  if (values.count("sample-seed") == 0) return std::random_device()() % 1000000;
  return static_cast<std::uint64_t>(whole_number(values, "sample-seed", 0, 999999));
}

}  // namespace

int command_reproduce(const Words& words) {
  po::options_description options("options");
  options.add_options()("sample", po::value<std::int64_t>()->value_name("N"),
                        "run N of the cells, drawn at random")(
      "sample-seed", po::value<std::int64_t>()->value_name("S"),
      "draw the cells that an earlier sample with this seed drew")(
      "out", po::value<std::string>()->value_name("DIR"),
      "keep what is run here, and go on where it was interrupted")(
      "changed", "compare even where plugins, model files or texts are not the same any more");
  add_set_option(options);
  add_worker_options(options);
  options.add_options()("threads", po::value<std::int64_t>()->default_value(0)->value_name("T"),
                        "of each worker; 0: the cores, shared among the workers");
  const po::variables_map values =
      parse_words(words, "reproduce DIR [OPTIONS]", options, {"directory"});
  const fs::path directory = values["directory"].as<std::string>();
  const std::int64_t sample =
      values.count("sample") > 0 ? whole_number(values, "sample", 1, 1000000000) : 0;
  const std::string out = values.count("out") > 0 ? values["out"].as<std::string>() : "";
  if (sample == 0 && values.count("sample-seed") > 0) {
    throw Error({"--sample-seed draws nothing by itself", "", "--sample N with it", "no --sample",
                 "say how many cells to draw"});
  }

  const StoredCampaign campaign = read_campaign(directory);
  require_results(campaign);
  const std::uint64_t seed = seed_from(values);
  const std::vector<std::size_t> cells = drawn_cells(campaign, sample, seed);
  const ReproductionPlace workplace(out, directory);
  if (sample > 0) {
    // Before anything is run: whoever stops it goes on with the same cells by this.
    spdlog::info("{} of {} cells, drawn by --sample-seed {}", cells.size(), campaign.finished(),
                 seed);
  }
  CampaignSource source;
  source.config = directory / "config.yaml";
  source.overrides = set_overrides_from(values);
  source.directory = workplace.path();
  source.only = wanted_of(campaign, cells, values.count("changed") > 0);
  source.finishes = false;
  // Of several versions the ones of the campaign; what is not here any more is told by the cells
  // that it changes.
  source.lock = LockUse::kWherePossible;
  source.lock_file = directory / kLockFile;
  source.limits_from = directory;
  source.threads = whole_number(values, "threads", 0, 4096);
  // The directory may be somebody else's, and plugins are code.
  for (const fs::path& folder : preview_campaign(source.config, source.overrides).plugin_dirs) {
    spdlog::info("plugins are looked for in {}, as the campaign's config says",
                 printable_line(folder.string()));
  }
  Account account(campaign, workplace.path());
  int code = kDone;
  try {
    code = run_in_workers(source, values, SupervisorSettings(), whole_command("reproduce", words));
  } catch (const Interrupted&) {
    account.was_interrupted();
    code = kInterrupted;
  }
  if (code == kWrongRequest) return code;

  for (const std::size_t index : cells) account.add(index);
  account.print_sum();
  if (code == kInterrupted) {
    spdlog::warn("interrupted; {}",
                 workplace.is_kept()
                     ? sample > 0 ? "the same command with --sample-seed " + std::to_string(seed) +
                                        " goes on"
                                  : "the same command goes on"
                     : "nothing of it was kept: with --out it could be gone on with");
    return code;
  }
  if (!campaign.complete()) {
    const std::size_t left = campaign.results.size() - campaign.finished();
    std::cout << left << (left == 1 ? " cell of " : " cells of ") << printable(directory.string())
              << (left == 1 ? " has" : " have") << " no result yet\n";
  }
  return account.all_agree() ? kDone : kCellsFailed;
}

}  // namespace pressroom
