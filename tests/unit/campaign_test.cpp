#include "campaign/campaign.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>

#include "byte_tokenizer.h"
#include "campaign/cell_measurements.h"
#include "campaign/provenance.h"
#include "campaign/run_cell.h"
#include "campaign_test_support.h"
#include "report/table/results_files.h"
#include "result_builder.h"
#include "test_folders.h"
#include "tiny_model.h"
#include "trace/trace_file.h"

namespace pressroom::campaign_test {
namespace {

namespace fs = std::filesystem;

// Notes what it is told, and asks to stop after so many tokens.
class Notes : public CampaignObserver {
 public:
  void on_message(const std::string& text) override {
    if (text.find("BLAS") == std::string::npos) messages.push_back(text);
  }
  void on_plan(std::size_t cells, std::int64_t tokens) override {
    planned_cells = cells;
    planned_tokens = tokens;
  }
  void on_cell_begin(std::size_t, const Cell& cell) override { begun.push_back(cell.file_stem()); }
  void on_tokens(std::int64_t count) override { tokens += count; }
  void on_cell_end(std::size_t, const CellResult& result, bool was_reused) override {
    (was_reused ? reused : run).push_back(result.cell.file_stem());
  }
  bool stop_requested() override { return tokens >= stop_after; }

  std::int64_t stop_after = std::numeric_limits<std::int64_t>::max();
  std::vector<std::string> messages, begun, run, reused;
  std::size_t planned_cells = 0;
  std::int64_t planned_tokens = 0;
  std::int64_t tokens = 0;
};

struct FailingPolicy : Policy {
  explicit FailingPolicy(std::function<at::Tensor(const EntriesView&)> scores)
      : scores_(std::move(scores)) {}
  at::Tensor birth_scores(const EntriesView& entries) override { return scores_(entries); }
  std::function<at::Tensor(const EntriesView&)> scores_;
};

// Ranks by birth scores of this function.
class FunctionMethod : public PlannedMethod {
 public:
  explicit FunctionMethod(std::function<at::Tensor(const EntriesView&)> scores)
      : PlannedMethod(birth_plan()), scores_(std::move(scores)) {}
  std::unique_ptr<Policy> make_policy(const PolicyContext&) const override {
    return std::make_unique<FailingPolicy>(scores_);
  }

 private:
  static EvictionPlan birth_plan() {
    EvictionPlan plan;
    plan.ranking = Ranking::kBirthScore;
    return plan;
  }
  std::function<at::Tensor(const EntriesView&)> scores_;
};

at::Tensor newest(const EntriesView& entries) {
  return entries.positions().to(at::kFloat).expand({entries.keys().size(0), entries.size()});
}

class CampaignRuns : public testing::Test {
 protected:
  CampaignRuns() : host_(std::vector<fs::path>{plugin_dir()}) {
    TinyShape shape;
    shape.vocabulary = 256;
    write_model(model(), shape, random_weights(shape, RandomKey(3)));
    write_file(model() / "tokenizer.json", byte_tokenizer_json());
    write_file(folder_.path() / "text/prose.txt", read_file(test_dir() / "data/prose.txt"));
  }

  fs::path model() const { return folder_.path() / "model"; }
  fs::path out() const { return folder_.path() / "out"; }

  // The campaign with these lines instead of its own of the same key.
  PreparedCampaign prepare(const std::map<std::string, std::string>& lines = {}) {
    std::map<std::string, std::string> keys = {
        {"name", "tiny"},
        {"model", model().string()},
        {"protocol", "{context: 32, documents: 3}"},
        {"datasets", "{reader: text, path: " + (folder_.path() / "text").string() + "}"},
        {"methods", "[streaming_llm, random]"},
        {"sparsity", "[0.5]"},
        {"seeds", "[1, 2]"},
        {"metrics", "[perplexity, cache]"}};
    for (const auto& [key, value] : lines) keys[key] = value;
    std::string yaml;
    for (const auto& [key, value] : keys) yaml += key + ": " + value + "\n";
    write_file(folder_.path() / "campaign.yaml", yaml);
    return prepare_campaign(load_config(folder_.path() / "campaign.yaml", {}, host_), host_);
  }

  std::vector<CellResult> run(PreparedCampaign campaign, Notes& notes) {
    return run_campaign(campaign, out(), host_, {"pressroom", "run"}, notes);
  }
  std::vector<CellResult> run(PreparedCampaign campaign) {
    Notes notes;
    return run(std::move(campaign), notes);
  }

  ScratchFolder folder_;
  PluginHost host_;
};

// What must not differ between two runs of the same campaign.
void expect_same(const std::vector<CellResult>& a, const std::vector<CellResult>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    EXPECT_EQ(a[i].cell.file_stem(), b[i].cell.file_stem());
    EXPECT_EQ(a[i].content_key, b[i].content_key);
    ASSERT_EQ(a[i].documents.size(), b[i].documents.size());
    for (std::size_t d = 0; d < a[i].documents.size(); ++d) {
      EXPECT_EQ(a[i].documents[d].id, b[i].documents[d].id);
      EXPECT_EQ(a[i].documents[d].sum_nll_nats, b[i].documents[d].sum_nll_nats);
      EXPECT_EQ(a[i].documents[d].kept_sha256, b[i].documents[d].kept_sha256);
    }
  }
}

TEST_F(CampaignRuns, EveryCellOnTheSameWindowsAndTellsOfIt) {
  Notes notes;
  const std::vector<CellResult> results = run(prepare(), notes);
  ASSERT_EQ(results.size(), 6U);
  EXPECT_EQ(notes.planned_cells, 6U);
  EXPECT_EQ(notes.planned_tokens, 6 * 3 * 32);
  EXPECT_EQ(notes.tokens, 6 * 3 * 32);
  EXPECT_EQ(notes.begun, notes.run);
  EXPECT_EQ(notes.run.size(), 6U);
  EXPECT_TRUE(notes.messages.empty());
  for (const CellResult& result : results) {
    EXPECT_EQ(result.error, "");
    ASSERT_EQ(result.documents.size(), 3U);
    const CellResult& baseline = results[result.cell.seed == 1 ? 0 : 3];
    for (std::size_t d = 0; d < 3; ++d) {
      EXPECT_EQ(result.documents[d].ids_sha256, baseline.documents[d].ids_sha256);
      EXPECT_EQ(result.documents[d].targets.size(), 31U);
    }
    ASSERT_NE(result.metric("kept_ratio"), nullptr);
    EXPECT_EQ(result.metric("kept_ratio")->value, result.cell.method == "dense" ? 1 : 0.5);
    EXPECT_TRUE(fs::exists(out() / (result.cell.file_stem() + ".json")));
  }
  EXPECT_TRUE(fs::exists(out() / "config.yaml"));
  EXPECT_TRUE(fs::exists(out() / "provenance.json"));
}

TEST_F(CampaignRuns, AgainUseWhatIsStored) {
  const std::vector<CellResult> first = run(prepare());
  Notes notes;
  const std::vector<CellResult> second = run(prepare(), notes);
  expect_same(first, second);
  EXPECT_EQ(notes.reused.size(), 6U);
  EXPECT_EQ(notes.tokens, 0);
}

TEST_F(CampaignRuns, DoNotDependOnTheNumberOfThreads) {
  const std::vector<CellResult> one = run(prepare({{"threads", "1"}}));
  fs::remove_all(out());
  expect_same(one, run(prepare({{"threads", "3"}})));
}

// That each of the three methods is announced once, with the reason.
void expect_reason(const Notes& notes, const std::string& reason) {
  EXPECT_EQ(notes.messages.size(), 3U);
  for (const std::string& message : notes.messages) {
    EXPECT_NE(message.find(reason), std::string::npos) << message;
  }
}

TEST_F(CampaignRuns, RunAgainWhatAChangedModelOrTextTouches) {
  run(prepare());
  TinyShape shape;
  shape.vocabulary = 256;
  write_model(model(), shape, random_weights(shape, RandomKey(4)));
  Notes other_weights;
  run(prepare(), other_weights);
  EXPECT_EQ(other_weights.run.size(), 6U);
  expect_reason(other_weights, "2 cells are run again, as weights changed: ");

  const fs::path text = folder_.path() / "text/prose.txt";
  write_file(text, "X" + read_file(text));
  Notes other_text;
  run(prepare(), other_text);
  EXPECT_EQ(other_text.run.size(), 6U);
  expect_reason(other_text, "2 cells are run again, as windows changed");
}

TEST_F(CampaignRuns, ThatAreInterruptedKeepWhatIsFinishedAndGoOn) {
  const std::vector<CellResult> undisturbed = run(prepare());
  fs::remove_all(out());
  for (std::size_t finished = 0; finished < 6; ++finished) {
    Notes notes;
    notes.stop_after = 3 * 32 + 40;  // in the middle of the second cell from here
    if (finished < 5) {
      EXPECT_THROW(run(prepare(), notes), Interrupted);
    } else {
      expect_same(run(prepare(), notes), undisturbed);
    }
    EXPECT_EQ(notes.reused.size(), finished);
    EXPECT_EQ(notes.run.size(), 1U);
  }
}

TEST_F(CampaignRuns, AMetricThatIsMeasuredTwiceFailsTheCellInsteadOfBeingMixed) {
  for (const CellResult& result :
       run(prepare({{"metrics", "[perplexity, {name: perplexity, as: again}]"}}))) {
    EXPECT_NE(result.error.find("\"perplexity\""), std::string::npos) << result.error;
    EXPECT_TRUE(result.metrics.empty());
  }
}

struct SpeechlessMetric : Metric {
  PluginInfo describe() const override { return {}; }
  std::unique_ptr<MetricCollector> make_collector() const override { throw std::runtime_error(""); }
};
struct AbsentCollectorMetric : Metric {
  PluginInfo describe() const override { return {}; }
  std::unique_ptr<MetricCollector> make_collector() const override { return nullptr; }
};

TEST_F(CampaignRuns, AFailingMetricFailsTheCellWhateverItThrows) {
  for (const bool speechless : {true, false}) {
    PreparedCampaign campaign = prepare();
    if (speechless) campaign.metrics[0].metric = std::make_unique<SpeechlessMetric>();
    if (!speechless) campaign.metrics[0].metric = std::make_unique<AbsentCollectorMetric>();
    for (const CellResult& result : run(std::move(campaign))) {
      EXPECT_FALSE(result.error.empty()) << result.cell.file_stem();
    }
  }
}

TEST_F(CampaignRuns, AFailingMethodFailsItsOwnCellsAndIsTriedAgain) {
  const auto failing = [](const EntriesView& entries) -> at::Tensor {
    if (entries.positions().max().item<std::int64_t>() < 10) return newest(entries);
    throw std::runtime_error("cannot go on");
  };
  PreparedCampaign campaign = prepare();
  campaign.methods[1] = std::make_unique<FunctionMethod>(failing);
  std::vector<CellResult> results = run(std::move(campaign));
  for (const CellResult& result : results) {
    const bool fails = result.cell.method == "streaming_llm";
    EXPECT_EQ(result.error.empty(), !fails) << result.cell.file_stem();
    EXPECT_EQ(result.documents.empty(), fails);
    EXPECT_EQ(result.metrics.empty(), fails);
    if (!fails) continue;
    for (const char* part : {"cannot go on", "prose.txt@", "layer 0"}) {
      EXPECT_NE(result.error.find(part), std::string::npos) << result.error;
    }
  }
  Notes notes;
  results = run(prepare(), notes);
  EXPECT_EQ(notes.run, (std::vector<std::string>{"streaming_llm_s0.5_ctx32_seed1",
                                                 "streaming_llm_s0.5_ctx32_seed2"}));
  for (const CellResult& result : results) EXPECT_EQ(result.error, "");
}

TEST_F(CampaignRuns, WhateverAMethodDoesWrongIsToldInTheCell) {
  const struct {
    const char* part;
    std::function<at::Tensor(const EntriesView&)> scores;
  } cases[] = {
      {"not a std::exception", [](const EntriesView&) -> at::Tensor { throw 7; }},
      {"a score is NaN", [](const EntriesView& entries) { return newest(entries) * std::nan(""); }},
      {"scores of the wrong shape",
       [](const EntriesView&) {
         return at::zeros({3, 5});
       }},
      {"scores of the wrong shape", [](const EntriesView&) { return at::Tensor(); }},
      {"c10::", [](const EntriesView&) {
         return at::zeros({3, 5}).mm(at::zeros({3, 5}));
       }}};
  for (const auto& c : cases) {
    PreparedCampaign campaign = prepare({{"seeds", "[1]"}});
    campaign.methods[1] = std::make_unique<FunctionMethod>(c.scores);
    const std::vector<CellResult> results = run(std::move(campaign));
    EXPECT_NE(results[1].error.find(c.part), std::string::npos) << results[1].error;
    EXPECT_EQ(results[1].error.find("Exception raised from"), std::string::npos)
        << "libtorch's backtrace is of no use to a reader";
    EXPECT_EQ(results[2].error, "");
  }
}

TEST_F(CampaignRuns, AllDatasetsAreTriedBeforeTheFirstCell) {
  const std::string text = (folder_.path() / "text").string();
  const std::string twice =
      "[{reader: text, path: " + text + "}, {reader: text, as: again, path: " + text + "}]";
  const std::map<std::string, std::string> lines = {
      {"datasets", twice},
      {"protocol", "{context: [32, 1024, 2048], documents: 3}"},
      {"beyond_positions", "true"}};
  const std::vector<Problem> problems = problems_of([&] { run(prepare(lines)); });
  std::vector<std::string> where;
  for (const Problem& problem : problems) where.push_back(problem.where);
  EXPECT_EQ(where, (std::vector<std::string>{"dataset text", "dataset text", "dataset again",
                                             "dataset again"}));
  for (const auto& entry : fs::directory_iterator(out())) {
    EXPECT_EQ(entry.path().filename(), "leases")
        << "a campaign that cannot run leaves its directory";
  }
}

TEST_F(CampaignRuns, AResultThatIsNotWholeStopsTheRunBeforeTheFirstCell) {
  run(prepare());
  write_file(out() / "random_s0.5_ctx32_seed2.json", "{\"schema\"");
  fs::remove(out() / "dense_s0.0_ctx32_seed1.json");
  Notes notes;
  const std::vector<Problem> problems = problems_of([&] { run(prepare(), notes); });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where, (out() / "random_s0.5_ctx32_seed2.json").string());
  EXPECT_TRUE(notes.begun.empty());
}

TEST_F(CampaignRuns, WriteTracesOfEachDocumentOnRequest) {
  const std::vector<CellResult> results = run(prepare({{"traces", "true"}, {"seeds", "[1]"}}));
  for (const CellResult& result : results) {
    ASSERT_EQ(result.error, "");
    for (std::size_t i = 0; i < result.documents.size(); ++i) {
      const Trace trace =
          read_trace(out() / (result.cell.file_stem() + "." + std::to_string(i) + ".trace"));
      EXPECT_EQ(trace.header.document, result.documents[i].id);
      EXPECT_EQ(trace.header.ids_sha256, result.documents[i].ids_sha256);
      EXPECT_EQ(trace.header.budget_tokens, result.cell.budget_tokens);
      std::vector<std::vector<std::vector<std::int64_t>>> kept;
      for (std::int64_t layer = 0; layer < trace.layers(); ++layer) {
        auto& heads = kept.emplace_back();
        for (std::int64_t head = 0; head < trace.kv_heads(); ++head) {
          heads.push_back(trace.kept(layer, head, trace.steps() - 1));
        }
      }
      EXPECT_EQ(kept_sha256(kept), result.documents[i].kept_sha256);
    }
  }
  EXPECT_TRUE(fs::exists(out() / "dense_s0.0_ctx32_seed1.0.trace"));
}

TEST_F(CampaignRuns, GoBeyondTheModelsPositionsOnlyWhenAllowed) {
  Notes notes;
  std::map<std::string, std::string> lines = {{"protocol", "{context: [32, 600], documents: 1}"},
                                              {"seeds", "[1]"}};
  const std::vector<Problem> problems = problems_of([&] { run(prepare(lines), notes); });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].what, "the run goes beyond the positions the model was made for");
  EXPECT_EQ(problems[0].where,
            "dense_s0.0, random_s0.5 in 2 cells: dataset text, context 600, seed 1");
  lines["beyond_positions"] = "true";
  run(prepare(lines), notes);
  ASSERT_EQ(notes.messages.size(), 1U);
  EXPECT_EQ(notes.messages[0], "600 positions are used, and the model was made for 512");
}

TEST_F(CampaignRuns, TheContentKeyChangesWithEverythingAResultDependsOn) {
  const PreparedCampaign campaign = prepare({{"methods", "[{name: streaming_llm, n_sink: 4}]"}});
  const ModelHashes model = {"config", "weights", "tokenizer"};
  Window window;
  window.tokens.id = "prose.txt@0";
  window.ids_sha256 = "ids";
  std::set<std::string> keys;
  std::size_t expected = 0;
  const auto changed = [&](auto change) {
    PlannedCell planned = campaign.cells.back();
    CampaignConfig config = campaign.config;
    ModelHashes hashes = model;
    std::vector<Window> windows = {window};
    change(planned, config, hashes, windows);
    keys.insert(content_key(planned, config, hashes, windows, {}, host_));
    EXPECT_EQ(keys.size(), ++expected);
  };
  changed([](auto&, auto&, auto&, auto&) {});
  changed([](auto& planned, auto&, auto&, auto&) { ++planned.cell.budget_tokens; });
  changed([](auto& planned, auto&, auto&, auto&) { ++planned.cell.context_tokens; });
  changed([](auto& planned, auto&, auto&, auto&) { ++planned.cell.seed; });
  changed(
      [](auto& planned, auto&, auto&, auto&) { planned.cell.positions = Positions::kOriginal; });
  changed([](auto& planned, auto&, auto&, auto&) { planned.cell.kv_dtype = "q8"; });
  changed([](auto& planned, auto&, auto&, auto&) { planned.cell.kv_dtype = "bfloat16"; });
  changed([](auto& planned, auto&, auto&, auto&) { planned.cell.constraints = "{heads: apart}"; });
  changed([](auto& planned, auto&, auto&, auto&) { planned.method = 0; });
  changed([](auto&, auto& config, auto&, auto&) {
    config.methods.back().values["n_sink"] = std::int64_t{5};
  });
  changed([](auto&, auto& config, auto&, auto&) { config.metrics.pop_back(); });
  changed([](auto&, auto&, auto& hashes, auto&) { hashes.config = "other"; });
  changed([](auto&, auto&, auto& hashes, auto&) { hashes.weights = "other"; });
  changed([](auto&, auto&, auto& hashes, auto&) { hashes.tokenizer = "other"; });
  changed([](auto&, auto&, auto&, auto& windows) { windows[0].ids_sha256 = "other"; });
  changed([](auto&, auto&, auto&, auto& windows) { windows[0].tokens.id = "other.txt@0"; });
  changed([](auto&, auto&, auto&, auto& windows) { windows.push_back(windows[0]); });

  PlannedCell planned = campaign.cells.back();
  CampaignConfig config = campaign.config;
  config.name = "another name";
  config.threads = 7;
  config.seeds.push_back(99);
  config.methods.push_back(config.methods.back());
  EXPECT_EQ(keys.count(content_key(planned, config, model, {window}, {}, host_)), 1U)
      << "a result does not depend on the cells beside it";
}

TEST(CampaignFiles, AreWrittenOfEveryCampaign) {
  const ScratchFolder folder;
  const std::vector<CellResult> results = {made_cell("dense", 0, 42, {1, 2, 3}),
                                           made_cell("h2o", 0.9, 42, {1.1, 2.2, 3.4})};
  const ComparisonReport report = compare(results);
  EXPECT_EQ(write_campaign_files(results, report, CampaignConfig(), folder.path()), "");
  for (const char* name :
       {"results.csv", "results.json", "aggregated_results.json", "significance_tests.json"}) {
    EXPECT_TRUE(fs::exists(folder.path() / name)) << name;
  }
}

}  // namespace
}  // namespace pressroom::campaign_test
