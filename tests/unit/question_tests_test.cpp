// Methods compared question by question, in tables and files beside the tests by documents.
#include "stats/question_tests.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "../tools/schema_check.h"
#include "compare/merged_campaigns.h"
#include "report/comparison/comparison_formats.h"
#include "report/table/results_files.h"
#include "report/table/results_table.h"
#include "report/table/significance_json.h"
#include "result_builder.h"
#include "test_folders.h"
#include "text_search.h"

namespace pressroom::question_tests_test {
namespace {

// Of four questions to each of six documents, the first so many right.
CellResult answering(const std::string& method, double sparsity, const std::vector<int>& right,
                     std::uint64_t seed = 42) {
  CellResult cell = made_cell(method, sparsity, seed, {2, 2.1, 2.2, 2.3, 2.4, 2.5});
  cell.cell.dataset = "recall";
  add_metric(cell, "exact_match", 0, "1", Direction::kHigherIsBetter);
  add_metric(cell, "kept_ratio", 1 - sparsity);
  for (std::size_t i = 0; i < right.size(); ++i) {
    cell.documents[i].answers = 4;
    cell.documents[i].right_answers = right[i];
    // What leaves shows in the nll, of each method otherwise.
    cell.documents[i].sum_nll_nats += method == "h2o" ? sparsity : 2 * sparsity;
    std::vector<double>& answers = cell.metrics[0].answers.emplace_back();
    for (int k = 0; k < 4; ++k) answers.push_back(k < right[i] ? 1 : 0);
    cell.metrics[0].documents.emplace_back(right[i] / 4.0);
    cell.metrics[0].value += right[i] / 24.0;
  }
  return cell;
}

// 22, 0 and 20 of 24. Of the questions that differ from dense all are right with dense alone: 22 of
// streaming_llm, p 2^-21; 2 of h2o, p 1/2.
std::vector<CellResult> asked() {
  return {answering("dense", 0, {4, 3, 4, 4, 3, 4}),
          answering("streaming_llm", 0.9, {0, 0, 0, 0, 0, 0}),
          answering("h2o", 0.9, {4, 2, 4, 4, 2, 4})};
}

TEST(QuestionTests, StandBesideTheTestsByDocuments) {
  const ComparisonReport report = compare(asked());
  const Comparison& lost = *report.find("streaming_llm", 0.9, "recall", 1024);
  ASSERT_TRUE(lost.questions);
  EXPECT_EQ(lost.questions->both_right, 0U);
  EXPECT_EQ(lost.questions->first_only, 22U);
  EXPECT_EQ(lost.questions->second_only, 0U);
  EXPECT_EQ(lost.questions->neither_right, 2U);
  EXPECT_NEAR(*lost.questions->p, std::ldexp(1, -21), 1e-18);
  EXPECT_NEAR(*lost.questions->p_holm, std::ldexp(1, -20), 1e-18);
  EXPECT_NEAR(lost.questions->first().wilson95.low, 0.7415119780678932, 1e-12);
  EXPECT_EQ(lost.questions->second().right, 0U);
  const Comparison& kept = *report.find("h2o", 0.9, "recall", 1024);
  EXPECT_DOUBLE_EQ(*kept.questions->p, 0.5);
  EXPECT_DOUBLE_EQ(*kept.questions->p_holm, 0.5);
  // Two of 24 differ, at the level of Holm's first of two steps, for one point.
  EXPECT_EQ(kept.questions->questions_needed, questions_needed(2.0 / 24, 0.01, 0.025));
  EXPECT_EQ(kept.questions->least_difference, least_difference(24, 2.0 / 24, 0.025));
  ASSERT_EQ(report.pairwise.comparisons.size(), 1U);
  EXPECT_EQ(report.pairwise.comparisons[0].questions->second_only, 20U);
}

TEST(QuestionTests, HaveEachQuestionOnceHoweverManySeedsDrewIt) {
  const std::vector<CellResult> results = {
      answering("dense", 0, {4, 4, 4, 4, 4, 4}, 1), answering("dense", 0, {0, 0, 0, 0, 0, 0}, 2),
      answering("h2o", 0.9, {3, 3, 3, 3, 3, 3}, 1), answering("h2o", 0.9, {4, 4, 4, 4, 4, 4}, 2)};
  const ComparisonReport report = compare(results);
  const QuestionTests& tests = *report.to_baseline.comparisons[0].questions;
  EXPECT_EQ(tests.questions(), 24U);
  EXPECT_EQ(tests.both_right, 18U);  // as the first seed has them
  EXPECT_EQ(tests.first_only, 6U);
  const std::vector<CellGroup> groups = group_cells(results, "dense");
  EXPECT_EQ(rate_of(groups[0], "exact_match")->right, 24U);
  EXPECT_EQ(rate_of(groups[1], "exact_match")->right, 18U);
}

TEST(QuestionTests, AreOfNothingButRightAndWrong) {
  std::vector<CellResult> results = asked();
  const std::vector<CellGroup> whole = group_cells(results, "dense");
  EXPECT_TRUE(RateSettings(whole, "exact_match").has(whole[0]));
  EXPECT_FALSE(RateSettings(whole, "kept_ratio").any());
  EXPECT_FALSE(RateSettings(whole, "no such metric").any());
  results[2].metrics[0].answers[3][1] = 0.5;
  const std::vector<CellGroup> groups = group_cells(results, "dense");
  EXPECT_FALSE(RateSettings(groups, "exact_match").any());
  EXPECT_TRUE(rate_of(groups[0], "exact_match"));
  EXPECT_FALSE(compare(results).find("h2o", 0.9, "recall", 1024)->questions);
  results[2].metrics[0].answers.clear();
  EXPECT_FALSE(compare(results).find("h2o", 0.9, "recall", 1024)->questions);
}

TEST(QuestionTests, GoByDatasetWhereOnlyOneHasRates) {
  std::vector<CellResult> results = asked();
  const std::size_t count = results.size();
  for (std::size_t i = 0; i < count; ++i) {
    results.push_back(results[i]);
    results.back().cell.dataset = "of four parts";
    results.back().metrics[0].answers[0][0] = 0.25;
  }
  const std::vector<CellGroup> groups = group_cells(results, "dense");
  const RateSettings rates(groups, "exact_match");
  for (const CellGroup& group : groups) {
    EXPECT_EQ(rates.has(group), group.dataset == "recall") << group.dataset;
  }
}

TEST(QuestionTests, AreNotMadeWhereNothingWasEvicted) {
  std::vector<CellResult> results = asked();
  for (std::size_t i = 0; i < 6; ++i) {
    results[1].documents[i].kept_sha256 = results[0].documents[i].kept_sha256;
  }
  const ComparisonReport report = compare(results);
  const Comparison& c = *report.find("streaming_llm", 0.9, "recall", 1024);
  EXPECT_EQ(c.status, ComparisonStatus::kNotExercised);
  EXPECT_FALSE(c.questions);
  EXPECT_EQ(report.to_baseline.question_tests(), 1U);
}

TEST(QuestionTests, AreInTablesAndFiles) {
  const std::vector<CellResult> results = asked();
  const ComparisonReport report = compare(results);
  const std::string table = table_text(results_table(results, report), false);
  EXPECT_TRUE(has(table, "[74.2, 97.7]")) << table;
  EXPECT_TRUE(has(table, "takes questions for independent")) << table;
  const auto json = results_json(results, report);
  const auto schemas = test_dir() / "../docs/schemas";
  const std::vector<std::string> none;
  EXPECT_EQ(schema_errors(schemas / "results.schema.json", json.dump()), none);
  EXPECT_EQ(
      schema_errors(schemas / "significance_tests.schema.json", significance_json(report).dump()),
      none);
  EXPECT_EQ(json["groups"][0]["metrics"]["exact_match"]["rate"]["right"], 22);
  EXPECT_FALSE(json["groups"][0]["metrics"]["kept_ratio"].contains("rate"));
  EXPECT_EQ(json["groups"][1]["versus_dense"]["questions"]["first_only"], 22);
  const auto test = significance_json(report)["dense_vs_streaming_llm_s0.9"]["questions"];
  EXPECT_EQ(test["first_only"], 22);
  EXPECT_EQ(test["first"]["questions"], 24);
  EXPECT_NEAR(test["mcnemar_p_adjusted"].get<double>(), std::ldexp(1, -20), 1e-18);
}

TEST(QuestionTests, AreWhatCompareShows) {
  StoredCampaign alone;
  alone.directory = "alone";
  alone.results = asked();
  const MergedCampaigns merged = merge_campaigns({alone});
  const MergedReport comparisons = compare(merged, CompareOptions());
  const ComparisonView view(merged, comparisons, {});
  const std::string text = comparison_text(comparison_tables(view, true));
  EXPECT_TRUE(has(text, "91.7 [74.2, 97.7]")) << text;
  EXPECT_TRUE(has(text, "McNemar")) << text;
  EXPECT_TRUE(has(text, "9.5e-07")) << text;
  EXPECT_TRUE(has(text, "verdicts go by documents")) << text;
  const std::string csv = comparison_csv(view);
  EXPECT_TRUE(has(csv, ",mcnemar_p,mcnemar_p_adjusted,questions_needed,least_difference\n")) << csv;
  EXPECT_TRUE(has(csv, ",24,22,0.7415")) << csv;
}

}  // namespace
}  // namespace pressroom::question_tests_test
