// Campaigns and single documents that are compared with the dense run: how often that is made, and
// that results do not depend on where it came from.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "byte_tokenizer.h"
#include "campaign/campaign.h"
#include "campaign/score.h"
#include "campaign_test_support.h"
#include "test_folders.h"
#include "tiny_model.h"

namespace pressroom::fidelity_campaign_test {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kCellTokens = 3 * 32;

class Counts : public CampaignObserver {
 public:
  void on_plan(std::size_t, std::int64_t count) override { planned = count; }
  void on_tokens(std::int64_t count) override { tokens += count; }

  std::int64_t planned = 0;
  std::int64_t tokens = 0;
};

class FidelityCampaigns : public testing::Test {
 protected:
  FidelityCampaigns() : host_(std::vector<fs::path>{plugin_dir()}) {
    TinyShape shape;
    shape.vocabulary = 256;
    write_model(model(), shape, random_weights(shape, RandomKey(3)));
    write_file(model() / "tokenizer.json", byte_tokenizer_json());
    write_file(folder_.path() / "text/prose.txt", read_file(test_dir() / "data/prose.txt"));
  }

  fs::path model() const { return folder_.path() / "model"; }
  fs::path out() const { return folder_.path() / "out"; }

  PreparedCampaign prepare(const std::string& methods = "[streaming_llm, random]",
                           const std::string& protocol = "{context: 32, documents: 3}") {
    write_file(folder_.path() / "campaign.yaml",
               "name: tiny\nmodel: " + model().string() + "\nprotocol: " + protocol +
                   "\ndatasets: {reader: text, path: " + (folder_.path() / "text").string() +
                   "}\nmethods: " + methods +
                   "\nsparsity: [0.5]\nseeds: [1, 2]\nmetrics: [fidelity]\n");
    return prepare_campaign(load_config(folder_.path() / "campaign.yaml", {}, host_), host_);
  }

  std::vector<CellResult> run(PreparedCampaign campaign, Counts& counts) {
    return run_campaign(campaign, out(), host_, {"pressroom", "run"}, counts);
  }

  void forget(const std::string& stem) {
    EXPECT_TRUE(fs::remove(out() / (stem + ".json"))) << stem;
  }

  ScratchFolder folder_;
  PluginHost host_;
};

double value_of(const CellResult& result, const std::string& name) {
  EXPECT_EQ(result.error, "");
  const MetricValue* value = result.metric(name);
  EXPECT_NE(value, nullptr) << name;
  return value == nullptr ? 0 : value->value;
}

void expect_same(const std::vector<CellResult>& a, const std::vector<CellResult>& b) {
  ASSERT_EQ(a.size(), b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    for (const char* name : {"kl_mean", "kl_p50", "kl_p99.9", "top1_agreement"}) {
      EXPECT_EQ(value_of(a[i], name), value_of(b[i], name)) << a[i].cell.file_stem() << " " << name;
    }
  }
}

TEST_F(FidelityCampaigns, UseTheDenseCellOfTheSameWindows) {
  Counts counts;
  const std::vector<CellResult> results = run(prepare(), counts);
  ASSERT_EQ(results.size(), 6U);
  EXPECT_EQ(counts.tokens, 6 * kCellTokens) << "dense, streaming_llm and random for two seeds";
  EXPECT_EQ(counts.planned, counts.tokens);
  for (const CellResult& result : results) {
    const bool dense = result.cell.method == "dense";
    EXPECT_EQ(value_of(result, "kl_mean") == 0, dense) << result.cell.file_stem();
    EXPECT_GE(value_of(result, "kl_p99.9"), value_of(result, "kl_p50"));
    if (dense) {
      EXPECT_EQ(value_of(result, "top1_agreement"), 1);
    } else {
      EXPECT_GT(value_of(result, "kl_mean"), 1e-4) << result.cell.file_stem();
    }
  }
}

TEST_F(FidelityCampaigns, MakeTheDenseRunOnceAGroupWhenItsCellIsThere) {
  Counts first;
  const std::vector<CellResult> results = run(prepare(), first);
  struct Case {
    std::string what;
    std::vector<std::string> forgotten;
    std::int64_t runs;
  };
  const std::vector<Case> cases = {
      {"everything is there", {}, 0},
      {"one cell, and dense for it", {"random_s0.5_ctx32_seed1"}, 2},
      {"two cells of one group", {"random_s0.5_ctx32_seed1", "streaming_llm_s0.5_ctx32_seed1"}, 3},
      {"a cell in each group", {"random_s0.5_ctx32_seed1", "random_s0.5_ctx32_seed2"}, 4},
      {"dense itself serves", {"dense_s0.0_ctx32_seed2", "random_s0.5_ctx32_seed2"}, 2},
      {"dense alone", {"dense_s0.0_ctx32_seed2"}, 1}};
  for (const Case& c : cases) {
    for (const std::string& stem : c.forgotten) forget(stem);
    Counts again;
    expect_same(run(prepare(), again), results);
    EXPECT_EQ(again.tokens, c.runs * kCellTokens) << c.what;
    const auto reused = 6 - static_cast<std::int64_t>(c.forgotten.size());
    EXPECT_EQ(again.planned, (reused + c.runs) * kCellTokens) << c.what;
  }
}

TEST_F(FidelityCampaigns, MakeADenseRunOfTheirOwnBesideOneOfOtherPositions) {
  Counts counts;
  const std::vector<CellResult> results =
      run(prepare("[{name: dense, positions: cache_index}, random]"), counts);
  ASSERT_EQ(results.size(), 4U);
  EXPECT_EQ(counts.tokens, (4 + 2) * kCellTokens);
  EXPECT_EQ(counts.planned, counts.tokens);
  EXPECT_NEAR(value_of(results[0], "kl_mean"), 0, 1e-6);
}

TEST_F(FidelityCampaigns, AreRefusedUnderTheWindowProtocolWhenPlanned) {
  const std::vector<Problem> problems = problems_of([&] {
    prepare("[dense]", "{kind: window, window: 16, stride: 8, context: 32, documents: 3}");
  });
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_NE(problems[0].what.find("cannot be compared with the dense run"), std::string::npos);
  EXPECT_NE(problems[0].got.find("window"), std::string::npos);
}

class FidelityScores : public FidelityCampaigns {
 protected:
  ScoreResult score(const std::string& method, std::int64_t budget) {
    write_file(folder_.path() / "ids.json",
               nlohmann::json(random_ids(200, TinyShape(), RandomKey(5))).dump());
    ScoreRequest request;
    request.model = model().string();
    request.ids_file = (folder_.path() / "ids.json").string();
    request.method = parse_plugin_use(method, PluginKind::kMethod, "", host_);
    request.budget_tokens = budget;
    request.fidelity = true;
    request.allow_inert = true;
    return score_document(request, host_, RunControl());
  }
};

// Exactly for dense itself; other methods may add up attention in another order.
TEST_F(FidelityScores, AreZeroForABudgetThatHoldsEverything) {
  for (const char* method : {"dense", "h2o", "streaming_llm"}) {
    const ScoreResult result = score(method, 200);
    ASSERT_TRUE(result.fidelity) << method;
    ASSERT_EQ(result.fidelity->kl_nats.size(), 199U);
    for (const double kl : result.fidelity->kl_nats) EXPECT_NEAR(kl, 0, 1e-6) << method;
    EXPECT_EQ(result.fidelity->top1_agreement(), 1) << method;
  }
  EXPECT_EQ(score("dense", 200).fidelity->mean_kl(), 0);
}

TEST_F(FidelityScores, GrowAsTheBudgetFalls) {
  const double roomy = score("streaming_llm", 150).fidelity->mean_kl();
  const double tight = score("streaming_llm", 16).fidelity->mean_kl();
  EXPECT_GT(roomy, 0);
  EXPECT_GT(tight, 2 * roomy);
}

TEST_F(FidelityScores, ArePrintedWithTheirTails) {
  const ScoreResult result = score("streaming_llm", 16);
  const nlohmann::ordered_json json = to_json(result)["fidelity"];
  std::vector<double> ascending = json["kl_nats"];
  ASSERT_EQ(ascending.size(), 199U);
  double sum = 0;
  for (const double kl : ascending) sum += kl;
  std::sort(ascending.begin(), ascending.end());
  EXPECT_DOUBLE_EQ(json["kl_mean"], sum / 199);
  EXPECT_EQ(json["kl_p50"], ascending[99]);   // rank 100 of 199, the middle
  EXPECT_EQ(json["kl_p90"], ascending[179]);  // ceil(179.1) = 180
  EXPECT_EQ(json["kl_p99"], ascending[197]);  // ceil(197.01) = 198
  EXPECT_EQ(json["kl_p99.9"], ascending[198]);
  EXPECT_LE(json["top1_agreement"], 1);
}

}  // namespace
}  // namespace pressroom::fidelity_campaign_test
