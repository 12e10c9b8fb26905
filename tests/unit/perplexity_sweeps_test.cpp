#include <gtest/gtest.h>

#include <cmath>

#include "made_study_files.h"
#include "report/studies/study_files.h"

namespace pressroom::perplexity_sweeps_test {
namespace {

using Json = nlohmann::ordered_json;

TEST(PerplexitySweeps, HaveTheStudysPathsAndThreeUnitsOfOneLoss) {
  const Json json = json_of(made(study_campaign(), "perplexity_sweeps"), "perplexity_sweeps.json");
  const Json& h2o = json["results"]["books"]["h2o"];
  const Json& point = h2o["context_length_sweep"]["1024"];
  EXPECT_NEAR(point["perplexity"].get<double>(), std::exp(2.2), 1e-12);
  EXPECT_NEAR(point["cross_entropy"].get<double>(), 2.2, 1e-14);
  EXPECT_NEAR(point["bits_per_token"].get<double>(), 2.2 / std::log(2.0), 1e-14);
  EXPECT_NEAR(point["vs_dense_pct"].get<double>(), 100 * (std::exp(0.2) - 1), 1e-10);
  EXPECT_EQ(point["num_tokens"], 12);
  EXPECT_EQ(h2o["sparsity_sweep"]["0.9"], point);
  const Json& dense = json["results"]["books"]["dense"];
  EXPECT_NEAR(dense["sparsity_sweep"]["0.0"]["perplexity"].get<double>(), std::exp(2.0), 1e-12);
  EXPECT_EQ(dense["context_length_sweep"].size(), 1u);
}

// h2o at two budgets and two contexts: each is another sparsity at each context.
std::vector<CellResult> campaign_of_budgets(const std::vector<std::int64_t>& budgets) {
  std::vector<CellResult> results;
  for (const std::int64_t context : {512, 1024}) {
    results.push_back(study_cell("dense", 0, 42, {2, 2, 3}, 100));
    results.back().cell.context_tokens = context;
    for (const std::int64_t budget : budgets) {
      const double sparsity = 1 - static_cast<double>(budget) / static_cast<double>(context);
      results.push_back(study_cell("h2o", sparsity, 42, {2.1, 2.2, 3 + sparsity}, 10));
      results.back().cell.context_tokens = context;
      results.back().cell.budget_tokens = budget;
    }
  }
  return results;
}

TEST(PerplexitySweeps, SweepContextsAtTheSmallestBudgetWhereBudgetsAreGiven) {
  StudySetting setting = study_setting();
  setting.config.erase("sparsity_levels");
  setting.config["budgets"] = {128, 64};
  const Json json = json_of(made(campaign_of_budgets({64, 128}), "perplexity_sweeps", setting),
                            "perplexity_sweeps.json");
  EXPECT_TRUE(json["config"]["context_sweep_sparsity"].is_null());
  EXPECT_EQ(json["config"]["context_sweep_budget"], 64);
  const Json& h2o = json["results"]["books"]["h2o"];
  ASSERT_EQ(h2o["context_length_sweep"].size(), 2u);
  EXPECT_EQ(h2o["context_length_sweep"]["512"]["sparsity"], 0.875);
  EXPECT_EQ(h2o["context_length_sweep"]["1024"]["sparsity"], 0.9375);
  EXPECT_EQ(h2o["context_length_sweep"]["512"]["budget_tokens"], 64);
  EXPECT_EQ(h2o["sparsity_sweep"].size(), 3u);
  EXPECT_EQ(h2o["sparsity_sweep"]["0.875"]["budget_tokens"], 128);
}

TEST(PerplexitySweeps, SweepContextsAtWhatWasFoundForEachUnderMatch) {
  StudySetting setting = study_setting();
  setting.config.erase("sparsity_levels");
  setting.config["match"] = {{"to", "kvzap"}, {"by", "measured_ratio"}};
  std::vector<CellResult> results = campaign_of_budgets({100});
  results.back().cell.budget_tokens = 190;
  const Json json = json_of(made(results, "perplexity_sweeps", setting), "perplexity_sweeps.json");
  EXPECT_TRUE(json["config"]["context_sweep_sparsity"].is_null());
  EXPECT_TRUE(json["config"]["context_sweep_budget"].is_null());
  const Json& sweep = json["results"]["books"]["h2o"]["context_length_sweep"];
  ASSERT_EQ(sweep.size(), 2u);
  EXPECT_EQ(sweep["512"]["budget_tokens"], 100);
  EXPECT_EQ(sweep["1024"]["budget_tokens"], 190);
}

TEST(PerplexitySweeps, AreTakenAtNineTenthsAndAtTheLongestContext) {
  std::vector<CellResult> results;
  for (const std::int64_t context : {512, 1024}) {
    for (const double sparsity : {0.0, 0.9, 0.95}) {
      const double nll = 2 + sparsity + static_cast<double>(context) / 1e4;
      results.push_back(
          study_cell(sparsity == 0 ? "dense" : "h2o", sparsity, 42, {nll, nll, nll + 1}, 10));
      results.back().cell.context_tokens = context;
    }
  }
  const Json json = json_of(made(results, "perplexity_sweeps"), "perplexity_sweeps.json");
  EXPECT_EQ(json["config"]["context_sweep_sparsity"], 0.9);
  EXPECT_EQ(json["config"]["sparsity_sweep_context"], 1024);
  const Json& h2o = json["results"]["books"]["h2o"];
  EXPECT_EQ(h2o["context_length_sweep"].size(), 2u);
  EXPECT_EQ(h2o["context_length_sweep"]["512"]["sparsity"], 0.9);
  EXPECT_EQ(h2o["sparsity_sweep"].size(), 3u);
  EXPECT_EQ(h2o["sparsity_sweep"]["0.0"]["method"], "dense");
  EXPECT_EQ(h2o["sparsity_sweep"]["0.95"]["context_length"], 1024);
}

}  // namespace
}  // namespace pressroom::perplexity_sweeps_test
