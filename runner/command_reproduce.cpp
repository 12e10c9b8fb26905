#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
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
#include "pressroom/error.h"
#include "results/reproduction.h"
#include "results/stored_campaign.h"
#include "results/stored_cell.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

// Where cells are run again: a folder that the user names and keeps, or one that goes with this.
class Workplace {
 public:
  explicit Workplace(const std::string& named) : path_(named), is_kept_(!named.empty()) {
    if (is_kept_) return;
    std::string name = (fs::temp_directory_path() / "pressroom-reproduce-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw Error({"there is no place to run cells in", name, "a folder that can be written to",
                   "none", "give one by --out, or by TMPDIR"});
    }
    path_ = name;
  }
  ~Workplace() {
    std::error_code ignored;
    if (!is_kept_) fs::remove_all(path_, ignored);
  }
  Workplace(const Workplace&) = delete;
  Workplace& operator=(const Workplace&) = delete;

  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  bool is_kept_;
};

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

  void add(std::size_t index) {
    const PlannedFile& planned = campaign_.plan[index];
    const CellResult& stored = campaign_.results[index];
    const std::optional<CellResult> now = read_result(again_ / planned.file);
    Reproduction found = {Agreement::kDifferent, 0, "the cell is not in the plan any more"};
    std::string changed;
    if (now) {
      found = compare_with_stored(stored, *now);
      if (now->content_key != stored.content_key) {
        changed = "; " + what_changed(read_made_from(campaign_.directory / planned.file),
                                      read_made_from(again_ / planned.file));
      }
    }
    ++counts_[static_cast<std::size_t>(found.agreement)];
    if (found.agreement == Agreement::kWithinRounding) {
      most_ = std::max(most_, found.difference);
    }
    std::string verdict = found.text();
    if (now && found.agreement == Agreement::kEqual && !stored.error.empty()) {
      verdict = "fails, as before";
    }
    std::cout << printable("  " + planned.cell.dataset + "  " + planned.cell.file_stem() + "  " +
                           verdict + changed + "\n");
  }

  // "12 cells run again: 10 equal to the bit, 1 equal within rounding (by up to 3e-07), 1
  // different"
  void print_sum() const {
    const std::size_t all = counts_[0] + counts_[1] + counts_[2];
    std::cout << all << (all == 1 ? " cell" : " cells") << " run again: " << counts_[0]
              << " equal to the bit, " << counts_[1] << " equal within rounding";
    if (counts_[1] > 0) {
      char most[32];
      std::snprintf(most, sizeof most, "%.2g", most_);
      std::cout << " (by up to " << most << ")";
    }
    std::cout << ", " << counts_[2] << " different\n";
  }

  bool all_agree() const { return counts_[2] == 0; }

 private:
  const StoredCampaign& campaign_;
  fs::path again_;
  std::size_t counts_[3] = {0, 0, 0};  // by Agreement
  double most_ = 0;
};

std::uint64_t seed_from(const po::variables_map& values) {
  // Not the same one each time: whoever made the directory does not know which cells are looked at.
  if (values.count("sample-seed") == 0) return std::random_device()() % 1000000;
  return static_cast<std::uint64_t>(whole_number(values, "sample-seed", 0, 999999));
}

void require_another_place(const fs::path& directory, const fs::path& out) {
  std::error_code ignored;
  if (!fs::equivalent(directory, out, ignored)) return;
  throw Error({"cells cannot be run again in the directory that they are compared with",
               out.string(), "another directory, or none", "the campaign's own",
               "leave --out away, or name a new one"});
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
  if (!out.empty()) require_another_place(directory, out);

  const StoredCampaign campaign = read_campaign(directory);
  require_results(campaign);
  const std::uint64_t seed = seed_from(values);
  const std::vector<std::size_t> cells = drawn_cells(campaign, sample, seed);
  const Workplace workplace(out);
  CampaignSource source;
  source.config = directory / "config.yaml";
  source.overrides = set_overrides_from(values);
  source.directory = workplace.path();
  source.only = wanted_of(campaign, cells, values.count("changed") > 0);
  source.finishes = false;
  source.limits_from = directory;
  source.threads = whole_number(values, "threads", 0, 4096);
  const int code =
      run_in_workers(source, values, SupervisorSettings(), whole_command("reproduce", words));
  if (code == kWrongRequest) return code;

  Account account(campaign, workplace.path());
  for (const std::size_t index : cells) account.add(index);
  account.print_sum();
  if (cells.size() < campaign.finished()) {
    std::cout << "drawn from " << campaign.finished() << " by --sample-seed " << seed << "\n";
  }
  if (!campaign.complete()) {
    std::cout << campaign.results.size() - campaign.finished() << " cells of " << directory.string()
              << " have no result yet\n";
  }
  return account.all_agree() ? kDone : kCellsFailed;
}

}  // namespace pressroom
