// A dataset that asks for something is judged by its answers, whatever the nll of its text.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "compare/merged_campaigns.h"
#include "report/comparison/comparison_formats.h"
#include "report/table/results_files.h"
#include "report/table/results_table.h"
#include "report/table/significance_json.h"
#include "report/table/summary.h"
#include "report_campaign.h"
#include "results/stored_cell.h"
#include "stats/verdict.h"

namespace pressroom::judged_by_answers_test {
namespace {

// Of four questions a document, as many right as are given; the nll as it may be.
CellResult answering(const std::string& method, double sparsity, double nll,
                     const std::vector<double>& right) {
  std::vector<double> nlls;
  for (std::size_t i = 0; i < right.size(); ++i) nlls.push_back(nll + 0.01 * double(i));
  CellResult cell = made_cell(method, sparsity, 42, nlls);
  cell.cell.dataset = "recall";
  for (std::size_t i = 0; i < right.size(); ++i) {
    cell.documents[i].answers = 4;
    cell.documents[i].right_answers = right[i];
  }
  add_metric(cell, "perplexity", std::exp(nll), "1", Direction::kLowerIsBetter);
  add_metric(cell, "kept_ratio", 1 - sparsity);
  return cell;
}

// streaming_llm predicts the filler better than dense does and has forgotten every fact; h2o is
// worse in nll and answers nearly all. The shares lost are, by document:
//   streaming_llm 1, 0.75, 1, 1, 0.75, 1: mean 0.9167, s 0.1291, t 17.39
//   h2o           0, 0.25, 0, 0, 0.25, 0
std::vector<CellResult> recall() {
  return {answering("dense", 0, 2, {4, 3, 4, 4, 3, 4}),
          answering("streaming_llm", 0.9, 1.9, {0, 0, 0, 0, 0, 0}),
          answering("h2o", 0.9, 2.4, {4, 2, 4, 4, 2, 4})};
}

TEST(JudgedByAnswers, TheTestIsOfTheShareOfRightAnswersByDocument) {
  const ComparisonReport report = compare(recall());
  const Comparison& c = *report.find("streaming_llm", 0.9, "recall", 1024);
  EXPECT_EQ(c.judge, Measure::kAnswers);
  EXPECT_EQ(c.test.n, 6U);
  EXPECT_NEAR(c.told(), -5.5 / 6, 1e-12);
  // s^2 of {1, .75, 1, 1, .75, 1} is (4 (1/12)^2 + 2 (1/6)^2) / 5 = 1/60.
  EXPECT_NEAR(*c.test.t, 5.5 / 6 / std::sqrt(1.0 / 60 / 6), 1e-9);
  EXPECT_TRUE(c.significant());
  EXPECT_NEAR(c.nll().mean, -0.1, 1e-12);  // the nll says "better"
  EXPECT_EQ(verdict(c, 0.01), "worse by 92 +- 14 points");
  // Pairs too, in the same unit: h2o against streaming_llm.
  ASSERT_EQ(report.pairwise.comparisons.size(), 1U);
  EXPECT_EQ(report.pairwise.comparisons[0].judge, Measure::kAnswers);
  EXPECT_NEAR(report.pairwise.comparisons[0].told(), 5.0 / 6, 1e-12);
}

TEST(JudgedByAnswers, FamiliesHoldBothKindsOfDatasets) {
  std::vector<CellResult> results = recall();
  for (const CellResult& cell : report_campaign()) results.push_back(cell);
  const ComparisonReport report = compare(results);
  EXPECT_EQ(report.find("h2o", 0.9, "recall", 1024)->judge, Measure::kAnswers);
  EXPECT_EQ(report.find("h2o", 0.9, "books", 1024)->judge, Measure::kNll);
  EXPECT_EQ(report.to_baseline.tests(), 4U);
}

TEST(JudgedByAnswers, TheTableShowsAndRanksAnswersAndSaysSo) {
  const std::vector<CellResult> results = recall();
  const std::string text = table_text(results_table(results, compare(results)), false);
  EXPECT_TRUE(has(text, "judged by its answers, not by nll: recall.")) << text;
  EXPECT_TRUE(has(text, "delta match")) << text;
  EXPECT_FALSE(has(text, "delta nll")) << text;
  const ResultsTable table = results_table(results, compare(results));
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const bool judged =
        table.columns[c].header == "match" || table.columns[c].header == "delta match";
    // streaming_llm, then h2o: the smaller perplexity marks no best.
    EXPECT_FALSE(table.blocks[0].rows[1][c].best) << table.columns[c].header;
    EXPECT_EQ(table.blocks[0].rows[2][c].best, judged) << table.columns[c].header;
    if (table.columns[c].header == "match") {
      EXPECT_EQ(table.blocks[0].rows[0][c].text, "91.7");  // 22 of 24
      EXPECT_EQ(table.blocks[0].rows[1][c].text, "0.0");
    }
  }
}

TEST(JudgedByAnswers, SummaryAndComparisonSpeakOfAnswers) {
  const std::vector<CellResult> results = recall();
  const ComparisonReport report = compare(results);
  const std::string said = summary_sentences(results, figure_rows(results, report), report).at(1);
  EXPECT_TRUE(has(said, "h2o keeps quality best")) << said;
  EXPECT_TRUE(has(said, "exact match -8")) << said;
  EXPECT_FALSE(has(said, "perplexity")) << said;
  StoredCampaign alone;
  alone.directory = "alone";
  alone.results = results;
  const MergedCampaigns merged = merge_campaigns({alone});
  const MergedReport comparisons = compare(merged, CompareOptions());
  const ComparisonView view(merged, comparisons, {});
  const std::string text = comparison_text(comparison_tables(view, false));
  EXPECT_TRUE(has(text, "worse by 92 +- 14 points")) << text;
  EXPECT_TRUE(has(text, "judged by its answers, not by nll: recall")) << text;
  EXPECT_FALSE(has(text, "better by")) << text;
}

TEST(JudgedByAnswers, FilesSayWhatIsJudgedByAndKeepTheNllUnderItsName) {
  const std::vector<CellResult> results = recall();
  const ComparisonReport report = compare(results);
  const auto json = results_json(results, report);
  const auto& versus = json["groups"][1]["versus_dense"];
  EXPECT_EQ(versus["judged_by"], "exact_match");
  EXPECT_NEAR(versus["delta_exact_match"].get<double>(), -5.5 / 6, 1e-12);
  EXPECT_LT(versus["delta_exact_match_ci95"][1].get<double>(), -0.7);
  EXPECT_NEAR(versus["delta_nll_nats"].get<double>(), -0.1, 1e-12);
  EXPECT_NEAR(versus["ppl_ratio"].get<double>(), std::exp(-0.1), 1e-12);
  EXPECT_TRUE(versus["token_weighted_difference"].is_null());
  EXPECT_LT(versus["cohen_dz"].get<double>(), 0);  // as the exact match
  const auto test = significance_json(report)["dense_vs_streaming_llm_s0.9"];
  EXPECT_EQ(test["difference"],
            "exact match of dense minus exact match of streaming_llm, share of answers");
  EXPECT_NEAR(test["mean_difference"].get<double>(), 5.5 / 6, 1e-12);
  EXPECT_GT(test["t_statistic"].get<double>(), 0);
  EXPECT_GT(test["cohen_dz"].get<double>(), 0);
}

TEST(JudgedByAnswers, CellsThatDoNotTellTheirAnswersAreJudgedByNll) {
  std::vector<CellResult> results = recall();
  for (DocumentResult& document : results[2].documents) document.answers = 0;
  EXPECT_EQ(compare(results).find("h2o", 0.9, "recall", 1024)->judge, Measure::kNll);
}

TEST(JudgedByAnswers, TheAnswersOfADocumentAreInItsCell) {
  const CellResult written = recall()[2];
  const CellResult read = cell_result_from_json(to_json(written).dump(), "cell.json");
  EXPECT_EQ(read.documents[1].answers, 4);
  EXPECT_EQ(read.documents[1].right_answers, 2);
}

}  // namespace
}  // namespace pressroom::judged_by_answers_test
