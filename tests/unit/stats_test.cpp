#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "base/number_text.h"
#include "pressroom/error.h"
#include "result_builder.h"
#include "stats/cell_groups.h"
#include "stats/metric_summary.h"
#include "stats/significance.h"
#include "stats/t_tests.h"

namespace pressroom::stats_test {
namespace {

TEST(PairedT, FollowsTheFormulaForThreeDifferences) {
  // Mean 2, sd 1, so t = 2 sqrt(3); with two degrees of freedom p = 1 - t / sqrt(t^2 + 2) and the
  // 97.5 % point is q with q / sqrt(q^2 + 2) = 0.95.
  const PairedTest test = paired_test({1, 2, 3});
  const double q = 0.95 * std::sqrt(2 / (1 - 0.95 * 0.95));
  EXPECT_DOUBLE_EQ(test.mean, 2);
  EXPECT_DOUBLE_EQ(test.sd, 1);
  EXPECT_DOUBLE_EQ(test.standard_error, 1 / std::sqrt(3.0));
  EXPECT_DOUBLE_EQ(*test.t, 2 * std::sqrt(3.0));
  EXPECT_NEAR(*test.p, 1 - std::sqrt(12.0 / 14.0), 1e-14);
  EXPECT_NEAR(test.ci95->low, 2 - q / std::sqrt(3.0), 1e-12);
  EXPECT_NEAR(test.ci95->high, 2 + q / std::sqrt(3.0), 1e-12);
}

TEST(PairedT, KeepsPrecisionInTheTails) {
  // One degree of freedom: p = 2/pi atan(1/t). Mean 1 + h, standard error h with h = 2^-31.
  const double h = std::ldexp(1, -31);
  const PairedTest cauchy = paired_test({1, 1 + 2 * h});
  const double t = (1 + h) / h;
  EXPECT_NEAR(*cauchy.p / (2 / std::acos(-1.0) * std::atan(1 / t)), 1, 1e-12);

  // Two: 1 - t/s with s = sqrt(t^2 + 2) is 2 / (s (s + t)), which does not cancel.
  const PairedTest two = paired_test({1e6 - 1, 1e6, 1e6 + 1});
  const double t2 = 1e6 * std::sqrt(3.0);
  const double s = std::sqrt(t2 * t2 + 2);
  EXPECT_NEAR(*two.p / (2 / (s * (s + t2))), 1, 1e-9);

  // Many: far below the least p that 1 - cdf could give.
  std::vector<double> many;
  for (int i = 0; i < 100; ++i) many.push_back(1 + 0.01 * (i % 5 - 2));
  EXPECT_GT(*paired_test(many).p, 0);
  EXPECT_LT(*paired_test(many).p, 1e-100);
}

TEST(PairedT, SignFollowsTheDifferencesAndPDoesNot) {
  const PairedTest up = paired_test({0.1, 0.3, 0.2, 0.5});
  const PairedTest down = paired_test({-0.1, -0.3, -0.2, -0.5});
  EXPECT_EQ(*up.t, -*down.t);
  EXPECT_EQ(*up.p, *down.p);
  EXPECT_EQ(up.ci95->low, -down.ci95->high);
}

TEST(PairedT, ASharedOffsetDoesNotDrownTheSpread) {
  EXPECT_DOUBLE_EQ(paired_test({1e9 + 1, 1e9 + 2, 1e9 + 3}).sd, 1);
}

TEST(PairedT, IdenticalDifferencesAreDeterministicAndHaveNoP) {
  for (const double difference : {0.0, 0.1, -3e-17}) {
    const PairedTest test = paired_test(std::vector<double>(7, difference));
    EXPECT_TRUE(test.deterministic);
    EXPECT_EQ(test.mean, difference);
    EXPECT_EQ(test.sd, 0);
    EXPECT_FALSE(test.t || test.p || test.ci95);
    EXPECT_NE(test.no_test.find("no variance"), std::string::npos);
  }
}

TEST(PairedT, LessThanTwoDifferencesAreNoTest) {
  const PairedTest none = paired_test({});
  EXPECT_EQ(none.no_test, "a paired test needs at least 2 documents and there are none");
  EXPECT_TRUE(std::isnan(none.mean));
  const PairedTest one = paired_test({0.25});
  EXPECT_EQ(one.no_test, "a paired test needs at least 2 documents and there is 1");
  EXPECT_EQ(one.mean, 0.25);
  EXPECT_TRUE(std::isnan(one.sd));
  EXPECT_FALSE(one.t || one.p || one.ci95 || one.deterministic);
}

TEST(Holm, StepsDownStaysMonotoneAndStopsAtOne) {
  using P = std::vector<std::optional<double>>;
  const std::vector<std::pair<P, P>> cases = {
      {{}, {}},
      {{0.03}, {0.03}},
      // 3 x 0.01; 2 x 0.03; 1 x 0.04 is less than what came before it and is raised.
      {{0.01, 0.04, 0.03}, {0.03, 0.06, 0.06}},
      {{0.25, 0.25}, {0.5, 0.5}},
      {{0.75, 0.5}, {1, 1}},
      // Entries without a p neither count nor gain one.
      {{std::nullopt, 0.02, std::nullopt, 0.01}, {std::nullopt, 0.02, std::nullopt, 0.02}},
      {{std::nullopt}, {std::nullopt}},
  };
  for (const auto& [p, expected] : cases) {
    const P adjusted = holm(p);
    ASSERT_EQ(adjusted.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      ASSERT_EQ(adjusted[i].has_value(), expected[i].has_value()) << i;
      if (!expected[i]) continue;
      EXPECT_DOUBLE_EQ(*adjusted[i], *expected[i]) << i;
    }
  }
}

TEST(Stars, BelongBelowTheirLevelsNotAtThem) {
  const std::vector<std::pair<std::optional<double>, std::string>> cases = {
      {std::nullopt, ""}, {1, ""},       {0.05, ""},    {0.0499, "*"}, {0.01, "*"},
      {0.0099, "**"},     {0.001, "**"}, {9e-4, "***"}, {0, "***"}};
  for (const auto& [p, expected] : cases) EXPECT_EQ(stars(p), expected);
}

TEST(Moments, UseAllValuesAndDdofOne) {
  EXPECT_DOUBLE_EQ(moments({2, 4, 4, 4, 5, 5, 7, 9}).mean, 5);
  EXPECT_DOUBLE_EQ(moments({2, 4, 4, 4, 5, 5, 7, 9}).sd, std::sqrt(32.0 / 7));
  EXPECT_TRUE(std::isnan(moments({}).mean));
  EXPECT_TRUE(std::isnan(moments({3}).sd));
  EXPECT_TRUE(std::isinf(moments({1, std::numeric_limits<double>::infinity()}).mean));
}

TEST(NumberText, RoundsForPeople) {
  const std::vector<std::tuple<double, int, std::string>> cases = {
      {0, 4, "0"},
      {12.3456, 4, "12.35"},
      {12, 4, "12.00"},
      {9.9996, 4, "10.00"},
      {-0.0123456, 3, "-0.0123"},
      {123456, 3, "123456"},
      {0.0001, 3, "0.000100"},
      {0.0000123, 3, "1.23e-05"},
      {1e7, 3, "1.00e+07"},
      {std::numeric_limits<double>::infinity(), 3, "inf"},
      {std::numeric_limits<double>::quiet_NaN(), 3, "nan"}};
  for (const auto& [value, digits, expected] : cases) {
    EXPECT_EQ(significant(value, digits), expected);
  }
}

TEST(NumberText, ReadsBackExactly) {
  std::mt19937_64 random(7);
  std::uniform_real_distribution<double> uniform(-1, 1);
  for (int i = 0; i < 1000; ++i) {
    const double value = std::ldexp(uniform(random), static_cast<int>(random() % 400) - 200);
    EXPECT_EQ(std::stod(exact(value)), value);
  }
  EXPECT_EQ(exact(0.1), "0.1");
  EXPECT_EQ(sparsity_text(0), "0.0");
  EXPECT_EQ(sparsity_text(0.9), "0.9");
}

TEST(NumberText, SpellsASparsityAsAPlainDecimalHoweverSmallItIs) {
  const struct {
    double sparsity;
    const char* text;
  } cases[] = {{0, "0.0"},           {0.1, "0.1"},           {0.125, "0.125"}, {0.25, "0.25"},
               {0.5, "0.5"},         {0.900391, "0.900391"}, {0.001, "0.001"}, {0.0001, "0.0001"},
               {0.00002, "0.00002"}, {1e-6, "0.000001"}};
  for (const auto& c : cases) {
    EXPECT_EQ(sparsity_text(c.sparsity), c.text);
    Cell cell;
    cell.method = "h2o";
    cell.sparsity = c.sparsity;
    cell.context_tokens = 32;
    cell.seed = 1;
    EXPECT_EQ(cell.file_stem(), "h2o_s" + std::string(c.text) + "_ctx32_seed1");
  }
}

TEST(CellGroups, AreOrderedForReadingWhateverTheOrderOfResults) {
  std::vector<CellResult> results = {
      made_cell("h2o", 0.9, 43, {1}), made_cell("h2o", 0.9, 42, {1}),
      made_cell("cab", 0.5, 42, {1}), made_cell("cab", 0.5, 43, {1}),
      made_cell("h2o", 0.0, 42, {1}), made_cell("h2o", 0.0, 43, {1}),
      made_cell("dense", 0, 43, {1}), made_cell("dense", 0, 42, {1})};
  const std::vector<CellGroup> groups = group_cells(results, "dense");
  std::vector<std::string> names;
  for (const CellGroup& group : groups) {
    names.push_back(group.name());
    ASSERT_EQ(group.cells.size(), 2u);
    EXPECT_EQ(group.cells[0]->cell.seed, 42u);
    EXPECT_TRUE(group.complete());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"dense_s0.0", "h2o_s0.0", "cab_s0.5", "h2o_s0.9"}));
  EXPECT_EQ(groups[3].where(), "books, context 1024, h2o_s0.9");
}

TEST(CellGroups, KnowWhichSeedsFailedOrAreMissing) {
  const std::vector<CellResult> results = {
      made_cell("dense", 0, 42, {1}), made_cell("dense", 0, 43, {1}),
      made_cell("dense", 0, 44, {1}), made_cell("h2o", 0.9, 44, {1}),
      failed_cell("h2o", 0.9, 43, "out of memory\n  in layer 3")};
  const std::vector<CellGroup> groups = group_cells(results, "dense");
  EXPECT_TRUE(groups[0].complete());
  EXPECT_EQ(groups[1].cells.size(), 1u);
  EXPECT_EQ(groups[1].why_incomplete(), "seed 42: no result; seed 43: out of memory");
}

TEST(CellGroups, RefuseTwoResultsForACellAndTwoBudgetsForAGroup) {
  const CellResult cell = made_cell("h2o", 0.9, 42, {1});
  EXPECT_THROW(group_cells({cell, cell}, "dense"), Error);
  CellResult other = made_cell("h2o", 0.9, 43, {1});
  other.cell.budget_tokens += 1;
  EXPECT_THROW(group_cells({cell, other}, "dense"), Error);
}

TEST(CellGroups, PlannedCellsWithoutAResultCountAsFailed) {
  const CellResult run = made_cell("h2o", 0.9, 42, {1});
  const CellResult stale = made_cell("h2o", 0.7, 42, {1});
  const Cell missing = made_cell("cab", 0.9, 42, {}).cell;
  const std::vector<CellResult> ordered = in_plan_order({stale, run}, {missing, run.cell});
  ASSERT_EQ(ordered.size(), 2u);
  EXPECT_EQ(ordered[0].cell.method, "cab");
  EXPECT_EQ(ordered[0].error, "not run");
  EXPECT_EQ(ordered[1].documents.size(), 1u);
}

TEST(MetricSummary, IsOverTheSeedsThatRan) {
  std::vector<CellResult> results = {made_cell("h2o", 0.9, 42, {1}),
                                     made_cell("h2o", 0.9, 43, {1})};
  add_metric(results[0], "perplexity", 10, "1", Direction::kLowerIsBetter);
  add_metric(results[1], "perplexity", 12, "1", Direction::kLowerIsBetter);
  add_metric(results[1], "kept_ratio", 0.25);
  const std::vector<CellGroup> groups = group_cells(results, "dense");
  const std::vector<MetricSummary> metrics = summarise_metrics(groups[0]);
  ASSERT_EQ(metrics.size(), 2u);
  EXPECT_DOUBLE_EQ(metrics[0].mean(), 11);
  EXPECT_DOUBLE_EQ(*metrics[0].sd(), std::sqrt(2.0));
  EXPECT_EQ(metrics[0].largest(), 12);
  EXPECT_EQ(metrics[0].metric.direction, Direction::kLowerIsBetter);
  EXPECT_FALSE(find_metric(metrics, "kept_ratio")->sd());
  EXPECT_EQ(find_metric(metrics, "tokens_per_second"), nullptr);
}

}  // namespace
}  // namespace pressroom::stats_test
