// Methods matched to one that decides by itself, on a random model of two layers.
#include "campaign/calibration/calibrate.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "byte_tokenizer.h"
#include "campaign/calibration/calibration_runs.h"
#include "campaign/campaign.h"
#include "campaign/run_cell.h"
#include "campaign_test_support.h"
#include "test_folders.h"
#include "tiny_model.h"

namespace pressroom::calibrate_test {
namespace {

namespace fs = std::filesystem;

constexpr double kTolerance = 0.01;

class Calibrations : public testing::Test {
 protected:
  Calibrations() : host_(std::vector<fs::path>{plugin_dir()}) {
    TinyShape shape;
    shape.vocabulary = 256;
    write_model(folder_.path() / "model", shape, random_weights(shape, RandomKey(3)));
    write_file(folder_.path() / "model/tokenizer.json", byte_tokenizer_json());
    write_file(folder_.path() / "text/prose.txt", read_file(test_dir() / "data/prose.txt"));
  }

  // The campaign with these lines instead of its own of the same key, up to its model.
  void prepare(const std::map<std::string, std::string>& lines = {}) {
    std::map<std::string, std::string> keys = {
        {"name", "tiny"},
        {"model", (folder_.path() / "model").string()},
        {"protocol", "{context: 64, documents: 3}"},
        {"datasets", "{reader: text, path: " + (folder_.path() / "text").string() + "}"},
        {"methods", "[" + kThreshold + ", h2o, {name: knorm, n_sink: 2}, random]"},
        {"match", "{to: dms}"},
        {"seeds", "[1, 2]"},
        {"metrics", "[cache]"}};
    for (const auto& [key, value] : lines) keys[key] = value;
    std::string yaml;
    for (const auto& [key, value] : keys) yaml += key + ": " + value + "\n";
    write_file(folder_.path() / "campaign.yaml", yaml);
    campaign_ = prepare_campaign(load_config(folder_.path() / "campaign.yaml", {}, host_), host_);
    found_ = find_campaign_model(campaign_, [](const std::string&) {});
    model_ = Model::load(found_.files, LoadOptions());
    windows_ =
        std::make_unique<WindowStore>(campaign_.config, campaign_.datasets, *found_.tokenizer,
                                      found_.description.facts.vocabulary);
    runs_ = 0;
    told_.clear();
  }

  Calibration calibrate_now() {
    const CalibrationParts parts{campaign_,
                                 found_,
                                 [this]() -> const Model& {
                                   ++runs_;
                                   return *model_;
                                 },
                                 *windows_,
                                 host_,
                                 1,
                                 [this] { return runs_ >= stop_after_; },
                                 [this](const std::string& text) { told_.push_back(text); }};
    return calibrate(parts, file());
  }

  fs::path file() const { return folder_.path() / "out/calibration.json"; }

  double kept_in_campaign(const PlannedCell& planned) {
    std::vector<Problem> problems;
    const RunControl control;
    const CellParts parts = {
        campaign_.config, *model_, campaign_.metrics, 1, control, ContextReconstruction(),
        nullptr,          "",      TraceHeader()};
    const CellResult result = run_cell(planned, *campaign_.methods[planned.method],
                                       *windows_->find(planned, problems), parts);
    EXPECT_EQ(result.error, "");
    return result.metric("kept_ratio") == nullptr ? -1 : result.metric("kept_ratio")->value;
  }

  const std::string kThreshold = "{name: dms, threshold: -1.5, window: 8, inner: knorm}";
  ScratchFolder folder_;
  PluginHost host_;
  PreparedCampaign campaign_;
  CampaignModel found_;
  std::unique_ptr<Model> model_;
  std::unique_ptr<WindowStore> windows_;
  int runs_ = 0;
  int stop_after_ = 1000;
  std::vector<std::string> told_;
};

TEST_F(Calibrations, FindBudgetsThatKeepAsMuchOnWindowsOfTheirOwn) {
  prepare();
  const Calibration found = calibrate_now();
  ASSERT_EQ(found.groups.size(), 1U);
  const CalibratedGroup& group = found.groups[0];
  EXPECT_GT(group.kept, 0.2);
  EXPECT_LT(group.kept, 0.8);
  ASSERT_EQ(group.methods.size(), 3U);
  for (const CalibratedMethod& method : group.methods) {
    EXPECT_NEAR(method.kept, group.kept, kTolerance) << method.method;
    // Heads keep their budget here, so that the first try is right.
    EXPECT_EQ(method.budget_tokens, std::llround(group.kept * 64)) << method.method;
    EXPECT_EQ(method.runs, 1) << method.method;
  }
  ASSERT_EQ(group.windows.size(), 4U);
  std::set<std::string> scored;
  std::vector<Problem> problems;
  for (const PlannedCell& planned : campaign_.cells) {
    for (const Window& window : *windows_->find(planned, problems)) {
      scored.insert(window.ids_sha256);
    }
  }
  for (const CalibrationWindow& window : group.windows) {
    EXPECT_EQ(scored.count(window.ids_sha256), 0U) << window.id;
  }
}

TEST_F(Calibrations, MakeMethodsKeepAsMuchInTheCampaignItself) {
  // A threshold keeps more of one text than of another: 12 windows of 64 bytes of prose differ by
  // some hundredths from 24 others.
  constexpr double kWide = 0.02;
  prepare({{"protocol", "{context: 64, documents: 12}"},
           {"match", "{to: dms, documents: 12, tolerance: 0.02}"}});
  const Calibration found = calibrate_now();
  const double sparsity = found.groups.at(0).sparsity();
  EXPECT_EQ(sparsity, std::round((1 - found.groups[0].kept) * 10000) / 10000);
  std::map<std::string, double> kept;  // mean over seeds
  for (const PlannedCell& planned : plan_cells(campaign_.config, campaign_.methods, &found)) {
    EXPECT_FALSE(planned.awaits_calibration);
    if (planned.cell.method == "dense") continue;
    EXPECT_EQ(planned.cell.sparsity, sparsity) << planned.cell.file_stem();
    kept[planned.cell.method] += kept_in_campaign(planned) / 2;
  }
  ASSERT_EQ(kept.size(), 4U);
  for (const auto& [method, fraction] : kept) {
    EXPECT_NEAR(fraction, kept.at("dms"), 2 * kWide) << method;
  }
}

TEST_F(Calibrations, ArePartOfARun) {
  prepare();
  CampaignObserver nobody;
  const std::vector<CellResult> results =
      run_campaign(campaign_, file().parent_path(), host_, {"pressroom", "run"}, nobody);
  const Calibration found = calibration_from_json(read_file(file()), "");
  ASSERT_EQ(results.size(), 10U);
  for (const CellResult& result : results) {
    EXPECT_EQ(result.error, "") << result.cell.file_stem();
    const CalibratedMethod* method = found.groups.at(0).method(result.cell.method);
    EXPECT_EQ(result.cell.budget_tokens, method == nullptr ? 64 : method->budget_tokens);
    EXPECT_EQ(result.cell.sparsity,
              result.cell.method == "dense" ? 0 : found.groups.at(0).sparsity());
  }
}

TEST_F(Calibrations, AreTakenFromTheFileWhereNothingChanged) {
  prepare({{"protocol", "{context: [32, 64], documents: 3}"}});
  const Calibration first = calibrate_now();
  EXPECT_EQ(runs_, 8);
  const std::string text = read_file(file());
  prepare({{"protocol", "{context: [32, 64], documents: 3}"}, {"metrics", "[perplexity]"}});
  EXPECT_EQ(to_json(calibrate_now()), to_json(first));
  EXPECT_EQ(runs_, 0);
  EXPECT_EQ(read_file(file()), text);
  prepare(
      {{"protocol", "{context: [32, 64], documents: 3}"}, {"match", "{to: dms, tolerance: 0.02}"}});
  calibrate_now();
  EXPECT_EQ(runs_, 6) << "the method that sets the measure need not be run again";
}

TEST_F(Calibrations, FindOnlyWhatIsNew) {
  prepare({{"methods", "[" + kThreshold + ", h2o]"}});
  calibrate_now();
  prepare({{"methods", "[" + kThreshold + ", random, h2o]"}});
  const Calibration found = calibrate_now();
  EXPECT_EQ(runs_, 1);
  EXPECT_EQ(to_json(calibration_from_json(read_file(file()), "")), to_json(found));
}

TEST_F(Calibrations, GoOnWhereTheyWereInterrupted) {
  prepare();
  stop_after_ = 3;  // in the middle of the second method
  EXPECT_THROW(calibrate_now(), Interrupted);
  EXPECT_EQ(calibration_from_json(read_file(file()), "").groups.at(0).methods.size(), 1U);
  stop_after_ = 1000;
  prepare();
  const Calibration resumed = calibrate_now();
  EXPECT_EQ(runs_, 2);
  fs::remove(file());
  EXPECT_EQ(to_json(calibrate_now()), to_json(resumed));
}

TEST_F(Calibrations, RefuseAFileThatWasChanged) {
  prepare();
  calibrate_now();
  std::string text = read_file(file());
  text.replace(text.find("\"budget_tokens\": ") + 17, 1, "9");
  write_file(file(), text);
  const std::vector<Problem> problems = problems_of([&] { calibrate_now(); });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where, file().string());
}

TEST_F(Calibrations, MatchThePromptUnderPrefill) {
  prepare({{"protocol", "{kind: prefill, prefill_tokens: 48, context: 64, documents: 3}"}});
  const CalibratedGroup group = calibrate_now().groups.at(0);
  for (const CalibratedMethod& method : group.methods) {
    EXPECT_NEAR(method.kept, group.kept, kTolerance) << method.method;
    EXPECT_EQ(method.budget_tokens, std::llround(group.kept * 64) - 16) << method.method;
  }
}

TEST_F(Calibrations, MatchWhatIsHeldOnAverageWhereAskedTo) {
  // One that evicts at every 8th step holds more on the way than it keeps.
  const std::string methods = "[" + kThreshold + ", h2o, {name: cab, eviction_interval: 8}]";
  prepare({{"methods", methods}, {"match", "{to: dms, by: mean_held}"}});
  const CalibratedGroup group = calibrate_now().groups.at(0);
  ASSERT_EQ(group.methods.size(), 2U);
  EXPECT_GT(group.held, 0);
  for (const CalibratedMethod& method : group.methods) {
    EXPECT_NEAR(method.held, group.held, kTolerance) << method.method;
  }
  EXPECT_LT(group.method("cab")->budget_tokens, group.method("h2o")->budget_tokens);
  EXPECT_LT(group.method("cab")->kept, group.method("h2o")->kept);
  // Cells are labelled by what is kept, as ever.
  EXPECT_EQ(group.sparsity(), std::round((1 - group.kept) * 1e4) / 1e4);
  // What was found for one measure is not taken for the other.
  const int runs = runs_;
  EXPECT_GT(runs, 0);
  calibrate_now();
  EXPECT_EQ(runs_, runs);
  prepare({{"methods", methods}, {"match", "{to: dms}"}});
  const CalibratedGroup by_end = calibrate_now().groups.at(0);
  EXPECT_GT(runs_, 0);
  EXPECT_EQ(by_end.held, 0);
  for (const CalibratedMethod& method : by_end.methods) {
    EXPECT_NEAR(method.kept, by_end.kept, kTolerance) << method.method;
  }
}

TEST_F(Calibrations, LeaveOtherMethodsWithoutABudgetAsTheyAre) {
  prepare({{"methods", "[" + kThreshold +
                           ", {name: dms, as: other, threshold: -2, window: 8, inner: knorm}, "
                           "random]"}});
  const Calibration found = calibrate_now();
  EXPECT_EQ(found.groups.at(0).methods.size(), 1U);
  ASSERT_EQ(told_.size(), 2U);
  EXPECT_EQ(told_[0], "other takes no budget: it runs as it is, not matched to dms");
  for (const PlannedCell& planned : plan_cells(campaign_.config, campaign_.methods, &found)) {
    EXPECT_EQ(planned.cell.sparsity > 0,
              planned.cell.method == "dms" || planned.cell.method == "random");
  }
}

TEST_F(Calibrations, SayWhatCannotBeMatched) {
  const std::string inert = "{name: dms, threshold: -9, window: 8, inner: knorm}";
  const struct {
    std::map<std::string, std::string> lines;
    std::vector<std::string> whats;
  } cases[] = {
      {{{"match", "{to: dms, documents: 40}"}}, {"the dataset is too short for this protocol"}},
      {{{"methods", "[" + inert + ", h2o]"}}, {"the method that sets the measure removes nothing"}},
      {{{"methods",
         "[" + kThreshold + ", {name: knorm, n_sink: 40}, h2o, {name: random, n_sink: 50}]"}},
       {"the method cannot keep as little as dms", "the method cannot keep as little as dms"}}};
  for (const auto& c : cases) {
    prepare(c.lines);
    std::vector<std::string> whats;
    for (const Problem& problem : problems_of([&] { calibrate_now(); })) {
      whats.push_back(problem.what);
    }
    EXPECT_EQ(whats, c.whats);
  }
}

TEST_F(Calibrations, UseNeitherWindowsThatAreScoredNorCopiesOfThem) {
  const std::unique_ptr<Tokenizer> tokenizer =
      Tokenizer::load(folder_.path() / "model/tokenizer.json");
  std::vector<Document> documents(8);
  for (std::size_t i = 0; i < documents.size(); ++i) {
    documents[i].id = std::string(1, static_cast<char>('a' + i));
    documents[i].text = std::string(4, static_cast<char>('a' + i % 6));  // two have copies
  }
  ListReader reader(documents);
  const std::vector<Window> all = sample_windows(reader, *tokenizer, 4, 8, 1);
  const std::vector<Window> scored = {all[0], all[2]};  // "a", whose copy is "g", and "c"
  std::set<std::string> ids;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    for (const Window& window :
         unused_windows(reader, *tokenizer, 4, 2, seed, {&scored, &scored}, "here")) {
      ids.insert(window.tokens.id);
    }
  }
  EXPECT_EQ(ids, (std::set<std::string>{"b@0", "d@0", "e@0", "f@0", "h@0"}));
  const auto problems =
      problems_of([&] { unused_windows(reader, *tokenizer, 4, 7, 1, {&scored}, "here"); });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where,
            "here: 7 windows to calibrate on beside the 2 that the campaign scores");
}

}  // namespace
}  // namespace pressroom::calibrate_test
