// Any metric that tells of each document is compared as what methods are judged by is, in its own
// unit and direction. Figures: tests/goldens/make_metric_comparison.py, by SciPy.
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "compare/merged_campaigns.h"
#include "result_builder.h"
#include "stats/comparison.h"
#include "stats/verdict.h"
#include "test_folders.h"
#include "text_search.h"

namespace pressroom::metric_comparison_test {
namespace {

using nlohmann::json;
using Values = std::vector<std::optional<double>>;

const json& goldens() {
  static const json read =
      json::parse(std::ifstream(test_dir() / "goldens/metric_comparison.json"));
  return read;
}

// A cell whose documents all have one nll, and of the metric what is given.
CellResult with_metric(const std::string& method, double sparsity, const std::string& name,
                       const Values& values, Direction direction, std::uint64_t seed = 42) {
  std::vector<double> nlls;
  for (std::size_t i = 0; i < values.size(); ++i) nlls.push_back(2 + 0.1 * double(i) + sparsity);
  CellResult cell = made_cell(method, sparsity, seed, nlls);
  add_metric(cell, name, 0.1, "1", direction);
  cell.metrics.back().documents = values;
  return cell;
}

std::vector<CellResult> campaign(const std::string& name) {
  const Direction direction =
      name == "ece" ? Direction::kLowerIsBetter : Direction::kHigherIsBetter;
  const json& values = goldens().at("metrics").at(name).at("values");
  const auto cell = [&](const char* method, double sparsity, const char* key) {
    const auto numbers = values.at(key).get<std::vector<double>>();
    return with_metric(method, sparsity, name, Values(numbers.begin(), numbers.end()), direction);
  };
  return {cell("dense", 0, "dense_s0"), cell("h2o", 0.5, "h2o_s0.5"), cell("h2o", 0.9, "h2o_s0.9"),
          cell("cab", 0.9, "cab_s0.9")};
}

CompareOptions by(const std::string& name) {
  CompareOptions options;
  options.metric = name;
  options.margins = {{name, goldens().at("margin")}};
  return options;
}

void expect_figures(const Comparison& c, const json& figures) {
  const auto near = [&](const char* figure, double actual) {
    const double expected = figures.at(figure);
    EXPECT_NEAR(actual, expected, 1e-9 * std::abs(expected)) << c.name << " " << figure;
  };
  near("mean", c.test.mean);
  near("sd", c.test.sd);
  near("t", c.test.t.value());
  near("p", c.test.p.value());
  near("cohen_dz", c.more.effect.cohen_dz.value());
  near("p_equivalence", c.more.equivalence.p.value());
  EXPECT_NEAR(c.test.ci95->low, figures.at("ci95")[0], 1e-12) << c.name;
  EXPECT_NEAR(c.test.ci95->high, figures.at("ci95")[1], 1e-12) << c.name;
  EXPECT_EQ(c.more.wilcoxon.statistic, figures.at("wilcoxon")[0].get<double>()) << c.name;
  EXPECT_NEAR(*c.more.wilcoxon.p, figures.at("wilcoxon")[1], 1e-9) << c.name;
  EXPECT_EQ(c.more.documents_needed, figures.at("documents_needed").get<std::int64_t>()) << c.name;
}

TEST(MetricComparison, AgreesWithSciPyInEveryFigureEitherWayUp) {
  for (const std::string name : {"ece", "pass_rate"}) {
    SCOPED_TRACE(name);
    const ComparisonReport report = compare(campaign(name), by(name));
    const json& golden = goldens().at("metrics").at(name);
    ASSERT_EQ(report.to_baseline.comparisons.size(), 3U);
    EXPECT_EQ(report.to_baseline.tests(), 3U);
    for (const Comparison& c : report.to_baseline.comparisons) {
      const json& figures =
          golden.at("against_dense").at(c.second + "_s" + (c.sparsity == 0.5 ? "0.5" : "0.9"));
      expect_figures(c, figures);
      EXPECT_NEAR(*c.p_holm, figures.at("p_holm"), 1e-9);
      EXPECT_NEAR(*c.more.p_equivalence_holm, figures.at("p_equivalence_holm"), 1e-9);
    }
    ASSERT_EQ(report.pairwise.comparisons.size(), 1U);
    expect_figures(report.pairwise.comparisons[0], golden.at("h2o_vs_cab_s0.9"));
  }
}

TEST(MetricComparison, IsToldInTheMetricsOwnDirectionAndTestedAboveZeroIsWorse) {
  const ComparisonReport ece = compare(campaign("ece"), by("ece"));
  const ComparisonReport passed = compare(campaign("pass_rate"), by("pass_rate"));
  const Comparison& worse = *ece.find("h2o", 0.9, "books", 1024);
  const Comparison& lower = *passed.find("h2o", 0.9, "books", 1024);
  EXPECT_NEAR(worse.told(), 0.0344110593320, 1e-12);
  EXPECT_NEAR(lower.told(), -0.0344110593320, 1e-12);  // the rate falls
  EXPECT_NEAR(lower.test.mean, 0.0344110593320, 1e-12);
  EXPECT_LT(lower.told_ci95()->low, lower.told_ci95()->high);
  EXPECT_EQ(worse.name, "ece:dense_vs_h2o_s0.9");
  EXPECT_EQ(ece.to_baseline.name,
            "ece: all methods x sparsities x datasets x contexts against dense, this campaign");
}

// Hits of 127 targets: as doubles, differences of one target each are not equal.
TEST(MetricComparison, SharesThatLostTheSameDidSoWhateverTheirRounding) {
  const auto shares = [](const std::vector<int>& hits) {
    Values values;
    for (const int count : hits) values.emplace_back(count / 127.0);
    return values;
  };
  const auto compared = [&](const std::vector<int>& dense, const std::vector<int>& h2o) {
    const std::vector<CellResult> cells = {
        with_metric("dense", 0, "hits", shares(dense), Direction::kHigherIsBetter),
        with_metric("h2o", 0.5, "hits", shares(h2o), Direction::kHigherIsBetter)};
    CompareOptions options;
    options.metric = "hits";
    return compare(cells, options).to_baseline.comparisons.at(0);
  };
  ASSERT_NE(67 / 127.0 - 66 / 127.0, 12 / 127.0 - 11 / 127.0);
  const Comparison same = compared({67, 26, 101, 12, 89, 54}, {66, 25, 100, 11, 88, 53});
  EXPECT_EQ(same.status, ComparisonStatus::kDeterministic);
  EXPECT_FALSE(same.test.p);
  // Sizes 1, 1, 1, 2, 2, 3 of 127, one of them a gain: rank sums 2 and 19.
  const Comparison ties = compared({67, 26, 101, 12, 89, 54}, {66, 25, 102, 10, 87, 51});
  EXPECT_TRUE(ties.more.wilcoxon.ties);
  EXPECT_EQ(ties.more.wilcoxon.statistic, 2);
}

TEST(MetricComparison, VerdictsAreInItsUnit) {
  const auto words = [](const std::string& name, double sparsity, const std::string& unit = "1") {
    std::vector<CellResult> cells = campaign(name);
    for (CellResult& cell : cells) cell.metrics.back().unit = unit;
    const ComparisonReport report = compare(cells, by(name));
    const Comparison& c = *report.find("h2o", sparsity, "books", 1024);
    return verdict(c, report.margin_of(c.judge));
  };
  EXPECT_EQ(words("ece", 0.9), "worse by 0.034 +- 0.008");
  EXPECT_EQ(words("pass_rate", 0.9), "worse by 0.034 +- 0.008");
  EXPECT_EQ(words("ece", 0.9, "nats"), "worse by 0.034 +- 0.008 nats");
  EXPECT_EQ(words("ece", 0.5), "equivalent within 0.02");
  EXPECT_EQ(words("ece", 0.5, "nats"), "equivalent within 0.02 nats");
}

TEST(MetricComparison, WithoutAMarginNothingIsEquivalentAndNoDocumentsAreCounted) {
  CompareOptions options;
  options.metric = "ece";
  const ComparisonReport report = compare(campaign("ece"), options);
  const Comparison& c = *report.find("h2o", 0.5, "books", 1024);
  EXPECT_FALSE(c.more.equivalence.p);
  EXPECT_FALSE(c.more.p_equivalence_holm);
  EXPECT_FALSE(c.more.documents_needed);
  EXPECT_EQ(report.margin_of(c.judge), 0);
  EXPECT_EQ(verdict(c, 0), "not resolved (-0.0077 to +0.0066)");
}

TEST(MetricComparison, AWindowThatSeveralSeedsDrewIsOneUnit) {
  const auto cell = [](const char* method, double sparsity, std::uint64_t seed,
                       const Values& values) {
    return with_metric(method, sparsity, "ece", values, Direction::kLowerIsBetter, seed);
  };
  const ComparisonReport report =
      compare({cell("dense", 0, 1, {1, 2}), cell("dense", 0, 2, {1, 2}),
               cell("h2o", 0.9, 1, {2, 2}), cell("h2o", 0.9, 2, {4, 3})},
              by("ece"));
  // Means over seeds: 2 and 0.5.
  const Comparison& c = report.to_baseline.comparisons.at(0);
  EXPECT_EQ(c.test.n, 2U);
  EXPECT_EQ(c.test.mean, 1.25);
}

TEST(MetricComparison, WhatOneSideLacksMakesItIncompleteWithTheReason) {
  const Direction lower = Direction::kLowerIsBetter;
  const CellResult dense = with_metric("dense", 0, "ece", {1.0, 2.0, 3.0}, lower);
  CellResult none = with_metric("h2o", 0.9, "ece", {1.0, 2.0, 3.0}, lower);
  none.metrics.clear();
  CellResult other_unit = with_metric("h2o", 0.9, "ece", {1.0, 2.0, 3.0}, lower);
  other_unit.metrics[0].unit = "nats";
  const struct {
    CellResult cell;
    const char* reason;
  } cases[] = {
      {none, "h2o_s0.9, seed 42: no ece"},
      {other_unit, "h2o_s0.9, seed 42: ece has another unit or direction than elsewhere"},
      {with_metric("h2o", 0.9, "ece", {}, lower), "h2o_s0.9, seed 42: document d0@0 is missing"},
      {with_metric("h2o", 0.9, "ece", {1.0, std::nullopt, 3.0}, lower),
       "h2o_s0.9, seed 42: document d1@0 has no ece"},
      {with_metric("h2o", 0.9, "ece", {1.0, NAN, 3.0}, lower),
       "h2o_s0.9, seed 42: the ece of document d1@0 is not a finite number"},
  };
  for (const auto& item : cases) {
    const ComparisonReport report = compare({dense, item.cell}, by("ece"));
    const Comparison& c = report.to_baseline.comparisons.at(0);
    EXPECT_EQ(c.status, ComparisonStatus::kIncomplete);
    EXPECT_EQ(c.reason, item.reason);
  }
  CellResult pooled = with_metric("h2o", 0.9, "ece", {1.0, 2.0, 3.0}, lower);
  pooled.metrics[0].documents.clear();
  EXPECT_EQ(compare({dense, pooled}, by("ece")).to_baseline.comparisons.at(0).reason,
            "h2o_s0.9, seed 42: ece is not told of each document");
  pooled.metrics[0].documents = {1.0};
  EXPECT_EQ(compare({dense, pooled}, by("ece")).to_baseline.comparisons.at(0).reason,
            "h2o_s0.9, seed 42: ece is told of 1 documents, and there are 3");
}

TEST(MetricComparison, ADocumentThatHasNoneOnEitherSideIsNoUnit) {
  const Direction lower = Direction::kLowerIsBetter;
  const ComparisonReport report =
      compare({with_metric("dense", 0, "ece", {1.0, std::nullopt, 3.0}, lower),
               with_metric("h2o", 0.9, "ece", {1.5, std::nullopt, 4.5}, lower)},
              by("ece"));
  EXPECT_EQ(report.to_baseline.comparisons.at(0).test.n, 2U);
  EXPECT_EQ(report.to_baseline.comparisons.at(0).test.mean, 1);
}

TEST(MetricComparison, APlaceWhereNoCellHasItIsLeftOutOfTheFamily) {
  std::vector<CellResult> cells = campaign("ece");
  for (CellResult cell : campaign("ece")) {
    cell.cell.dataset = "prose";
    cell.metrics.clear();
    cells.push_back(cell);
  }
  const ComparisonReport report = compare(cells, by("ece"));
  EXPECT_EQ(report.to_baseline.tests(), 3U);
  EXPECT_EQ(report.left_out, std::vector<std::string>{"prose, context 1024"});
  EXPECT_EQ(compare(cells).to_baseline.comparisons.size(), 6U);
}

TEST(MetricComparison, NamesThatCannotBeTestedAreRefusedWithThoseThatCan) {
  std::vector<CellResult> cells = campaign("ece");
  for (CellResult& cell : cells) {
    add_metric(cell, "tokens_per_second", 100, "tokens/s", Direction::kHigherIsBetter);
    add_metric(cell, "kept_ratio", 0.5);
  }
  const struct {
    const char* name;
    const char* says;
  } cases[] = {{"ecee", "did you mean \"ece\"?"},
               {"ecee", "nll, ece"},
               {"tokens_per_second", "a metric is told of whole cells alone"},
               {"kept_ratio", "neither more nor less is better"},
               {"exact_match", "no cell has this metric"}};
  for (const auto& item : cases) {
    try {
      compare(cells, by(item.name));
      ADD_FAILURE() << item.name << " was compared";
    } catch (const Error& error) {
      EXPECT_TRUE(has(error.what(), item.says)) << error.what();
    }
  }
  EXPECT_EQ(testable_names(cells), (std::vector<std::string>{"nll", "ece"}));
}

TEST(MetricComparison, AskedForByNameWhatMethodsAreJudgedByGivesTheSameNumbers) {
  const std::vector<CellResult> cells = campaign("ece");
  const ComparisonReport plain = compare(cells);
  for (const char* name : {"nll", "perplexity"}) {
    CompareOptions options;
    options.metric = name;
    const ComparisonReport named = compare(cells, options);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(named.to_baseline.comparisons[i].test.p, plain.to_baseline.comparisons[i].test.p);
      EXPECT_EQ(verdict(named.to_baseline.comparisons[i], 0.01),
                verdict(plain.to_baseline.comparisons[i], 0.01));
    }
  }
}

}  // namespace
}  // namespace pressroom::metric_comparison_test
