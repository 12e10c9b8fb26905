#include "stats/comparison.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "result_builder.h"
#include "stats/cell_groups.h"
#include "stats/metric_summary.h"

namespace pressroom::comparison_test {
namespace {

// Differences 0.1, 0.2, 0.3: mean 0.2, sd 0.1, t = 2 sqrt(3), and with two degrees of freedom
// p = 1 - t / sqrt(t^2 + 2).
const std::vector<double> kDense = {1, 2, 3};
const std::vector<double> kWorse = {1.1, 2.2, 3.3};
const double kP = 1 - std::sqrt(12.0 / 14.0);

const Comparison& only(const Family& family) {
  EXPECT_EQ(family.comparisons.size(), 1u);
  return family.comparisons.at(0);
}

TEST(Comparison, PairsEveryDocumentWithDense) {
  const ComparisonReport report =
      compare({made_cell("dense", 0, 42, kDense), made_cell("h2o", 0.9, 42, kWorse)});
  const Comparison& c = only(report.to_baseline);
  EXPECT_EQ(c.name, "dense_vs_h2o_s0.9");
  EXPECT_EQ(c.status, ComparisonStatus::kTested);
  EXPECT_EQ(c.test.n, 3u);
  EXPECT_NEAR(c.test.mean, 0.2, 1e-15);
  EXPECT_NEAR(*c.test.t, 2 * std::sqrt(3.0), 1e-12);
  EXPECT_NEAR(*c.test.p, kP, 1e-13);
  EXPECT_NEAR(c.ppl_ratio(), std::exp(0.2), 1e-14);
  EXPECT_NEAR(c.ppl_ratio_ci95()->low, std::exp(c.test.ci95->low), 1e-14);
  EXPECT_EQ(c.p_holm, c.test.p);
  EXPECT_FALSE(c.significant());
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(report.find("h2o", 0.9, "books", 1024), &c);
  EXPECT_EQ(report.find("dense", 0, "books", 1024), nullptr);
}

TEST(Comparison, DocumentsWeighTheSameHoweverManyTargetsTheyHave) {
  CellResult dense = made_cell("dense", 0, 42, kDense);
  CellResult h2o = made_cell("h2o", 0.9, 42, kWorse);
  for (CellResult* cell : {&dense, &h2o}) {
    cell->documents[0].sum_nll_nats *= 2;  // 8 targets of the same mean
    for (std::int64_t target = 5; target <= 8; ++target) {
      cell->documents[0].targets.push_back(target);
    }
  }
  EXPECT_NEAR(only(compare({dense, h2o}).to_baseline).test.mean, 0.2, 1e-15);
}

TEST(Comparison, DoesNotDependOnTheOrderOfDocumentsOrCells) {
  const CellResult dense = made_cell("dense", 0, 42, {1.03, 2.17, 3.11, 2.9});
  CellResult h2o = made_cell("h2o", 0.9, 42, {1.19, 2.2, 3.31, 2.8});
  const Comparison forward = only(compare({dense, h2o}).to_baseline);
  std::reverse(h2o.documents.begin(), h2o.documents.end());
  const Comparison backward = only(compare({h2o, dense}).to_baseline);
  EXPECT_EQ(*forward.test.p, *backward.test.p);
  EXPECT_EQ(forward.test.mean, backward.test.mean);
}

TEST(Comparison, AWindowUnderSeveralSeedsIsOneUnit) {
  const ComparisonReport repeated =
      compare({made_cell("dense", 0, 42, kDense), made_cell("dense", 0, 43, kDense),
               made_cell("dense", 0, 44, kDense), made_cell("h2o", 0.9, 42, kWorse),
               made_cell("h2o", 0.9, 43, kWorse), made_cell("h2o", 0.9, 44, kWorse)});
  const Comparison& c = only(repeated.to_baseline);
  EXPECT_EQ(c.test.n, 3u);
  EXPECT_NEAR(*c.test.p, kP, 1e-13);
}

TEST(Comparison, SeedsOfARandomMethodAreAveragedWithinTheWindow) {
  const std::vector<double> low = {1.0, 2.1, 3.25};
  const std::vector<double> high = {1.2, 2.3, 3.35};
  const ComparisonReport report =
      compare({made_cell("dense", 0, 1, kDense), made_cell("dense", 0, 2, kDense),
               made_cell("random", 0.9, 1, low), made_cell("random", 0.9, 2, high)});
  const Comparison& c = only(report.to_baseline);
  EXPECT_EQ(c.test.n, 3u);
  EXPECT_NEAR(c.test.mean, 0.2, 1e-15);
  EXPECT_NEAR(*c.test.p, kP, 1e-12);
}

TEST(Comparison, RepeatsOfOneConstantDifferenceStayDeterministic) {
  std::vector<CellResult> results;
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    // d1 is drawn by one seed only, so the units are averages of three and of one.
    results.push_back(made_cell("dense", 0, seed,
                                seed == 1 ? std::vector<double>{0, 0} : std::vector<double>{0}));
    results.push_back(made_cell(
        "h2o", 0.9, seed, seed == 1 ? std::vector<double>{0.1, 0.1} : std::vector<double>{0.1}));
  }
  const Comparison c = only(compare(results).to_baseline);
  EXPECT_EQ(c.status, ComparisonStatus::kDeterministic);
  EXPECT_EQ(c.test.n, 2u);
  EXPECT_EQ(c.test.mean, 0.1);
  EXPECT_FALSE(c.test.p || c.p_holm);
}

TEST(Comparison, OneTextUnderTwoIdsIsOneUnit) {
  CellResult dense = made_cell("dense", 0, 42, {1, 2, 3, 3});
  CellResult h2o = made_cell("h2o", 0.9, 42, {1.1, 2.2, 3.3, 3.3});
  dense.documents[3].ids_sha256 = h2o.documents[3].ids_sha256 = dense.documents[2].ids_sha256;
  const Comparison c = only(compare({dense, h2o}).to_baseline);
  EXPECT_EQ(c.test.n, 3u);
  EXPECT_NEAR(*c.test.p, kP, 1e-13);
}

TEST(Comparison, RefusesOtherTargetsAndOtherTokenIdsNamingThemAll) {
  CellResult h2o = made_cell("h2o", 0.9, 42, kWorse);
  h2o.documents[0].targets = {2, 3, 4, 5};
  h2o.documents[2].ids_sha256 = "others";
  try {
    compare({made_cell("dense", 0, 42, kDense), h2o});
    FAIL() << "not refused";
  } catch (const Error& error) {
    ASSERT_EQ(error.problems().size(), 2u);
    const Problem& targets = error.problems()[0];
    EXPECT_EQ(targets.where, "books, context 1024, h2o_s0.9, seed 42, document d0@0");
    EXPECT_EQ(targets.expected, "4 targets, 1 to 4");
    EXPECT_EQ(targets.got, "4 targets, 2 to 5");
    EXPECT_NE(error.problems()[1].where.find("document d2@0"), std::string::npos);
    EXPECT_EQ(error.problems()[1].got, "others");
  }
}

TEST(Comparison, RefusesADocumentThatIsTwiceInACell) {
  CellResult h2o = made_cell("h2o", 0.9, 42, kWorse);
  h2o.documents.push_back(h2o.documents[0]);
  EXPECT_THROW(compare({made_cell("dense", 0, 42, kDense), h2o}), Error);
}

TEST(Comparison, AnythingMissingMakesItIncompleteAndSaysWhat) {
  CellResult short_one = made_cell("h2o", 0.9, 43, kWorse);
  short_one.documents.pop_back();
  CellResult not_finite = made_cell("h2o", 0.9, 43, kWorse);
  not_finite.documents[1].sum_nll_nats = std::numeric_limits<double>::quiet_NaN();
  CellResult no_targets = made_cell("h2o", 0.9, 43, kWorse);
  no_targets.documents[1].targets.clear();
  CellResult dense_short = made_cell("dense", 0, 43, kDense);
  dense_short.documents.erase(dense_short.documents.begin());
  const CellResult dense = made_cell("dense", 0, 43, kDense);
  const CellResult h2o = made_cell("h2o", 0.9, 43, kWorse);
  const CellResult other = made_cell("cab", 0.9, 43, kWorse);

  struct Case {
    std::vector<CellResult> seed_43;
    std::string reason;
  };
  const std::vector<Case> cases = {
      {{dense, failed_cell("h2o", 0.9, 43, "out of memory")}, "h2o_s0.9, seed 43: out of memory"},
      {{dense, other}, "h2o_s0.9, seed 43: no result"},
      {{failed_cell("dense", 0, 43, "killed"), h2o}, "dense_s0.0, seed 43: killed"},
      {{dense, short_one}, "h2o_s0.9, seed 43: document d2@0 is missing"},
      {{dense_short, h2o}, "dense_s0.0, seed 43: document d0@0 is missing"},
      {{dense, not_finite}, "h2o_s0.9, seed 43: the nll of document d1@0 is not a finite number"},
  };
  for (const Case& item : cases) {
    std::vector<CellResult> results = {made_cell("dense", 0, 42, kDense),
                                       made_cell("h2o", 0.9, 42, kWorse)};
    results.insert(results.end(), item.seed_43.begin(), item.seed_43.end());
    const ComparisonReport report = compare(results);
    const Comparison* c = report.find("h2o", 0.9, "books", 1024);
    ASSERT_NE(c, nullptr);
    EXPECT_EQ(c->status, ComparisonStatus::kIncomplete);
    EXPECT_EQ(c->reason, item.reason);
    EXPECT_EQ(c->test.n, 0u);
    EXPECT_FALSE(c->test.p || c->p_holm);
  }
  // Having scored nothing is other targets than dense, not a gap.
  EXPECT_THROW(compare({dense, no_targets}), Error);
}

TEST(Comparison, WithoutDenseThereIsNothingToCompareWith) {
  const ComparisonReport report = compare({made_cell("h2o", 0.9, 42, kWorse)});
  EXPECT_EQ(only(report.to_baseline).reason, "dense has no results");
}

TEST(Comparison, SparsityZeroIsDeterministicWithoutEffect) {
  const Comparison c = only(
      compare({made_cell("dense", 0, 42, kDense), made_cell("h2o", 0, 42, kDense)}).to_baseline);
  EXPECT_EQ(c.status, ComparisonStatus::kDeterministic);
  EXPECT_EQ(c.test.mean, 0);
  EXPECT_EQ(c.ppl_ratio(), 1);
}

TEST(Comparison, OneDocumentIsTooFew) {
  const Comparison c =
      only(compare({made_cell("dense", 0, 42, {1}), made_cell("h2o", 0.9, 42, {1.5})}).to_baseline);
  EXPECT_EQ(c.status, ComparisonStatus::kTooFew);
  EXPECT_EQ(c.test.mean, 0.5);
  EXPECT_FALSE(c.p_holm);
}

TEST(Comparison, HolmCountsTheTestsOfTheWholeFamilyAndNoOthers) {
  const std::vector<double> better = {0.9, 1.8, 2.7};  // -0.1, -0.2, -0.3: the same p
  const ComparisonReport report =
      compare({made_cell("dense", 0, 42, kDense), made_cell("h2o", 0, 42, kDense),
               made_cell("h2o", 0.5, 42, better), made_cell("h2o", 0.9, 42, kWorse),
               made_cell("cab", 0.9, 42, {1.5, 2.6, 3.7})});
  EXPECT_EQ(report.to_baseline.comparisons.size(), 4u);
  EXPECT_EQ(report.to_baseline.tests(), 3u);  // h2o_s0.0 is deterministic
  // cab: 0.5, 0.6, 0.7, t = 0.6 / (0.1 / sqrt(3)) = sqrt(108); it has the least p.
  const Comparison* cab = report.find("cab", 0.9, "books", 1024);
  EXPECT_NEAR(*cab->p_holm, 3 * (1 - std::sqrt(108.0 / 110.0)), 1e-11);
  EXPECT_TRUE(cab->significant());
  for (const double sparsity : {0.5, 0.9}) {
    EXPECT_NEAR(*report.find("h2o", sparsity, "books", 1024)->p_holm, 2 * kP, 1e-12);
  }
  const Comparison& pair = only(report.pairwise);
  EXPECT_EQ(pair.name, "h2o_vs_cab_s0.9");
  EXPECT_EQ(pair.first, "h2o");
  EXPECT_NEAR(pair.test.mean, 0.4, 1e-15);
  EXPECT_NE(report.pairwise.name, report.to_baseline.name);
}

TEST(Comparison, NamesGainDatasetAndContextWhenThereAreSeveral) {
  std::vector<CellResult> results;
  for (const std::int64_t context : {512, 1024}) {
    for (const char* dataset : {"books", "news"}) {
      for (CellResult cell :
           {made_cell("dense", 0, 42, kDense), made_cell("h2o", 0.9, 42, kWorse)}) {
        cell.cell.dataset = dataset;
        cell.cell.context_tokens = context;
        results.push_back(cell);
      }
    }
  }
  const ComparisonReport report = compare(results);
  ASSERT_EQ(report.to_baseline.comparisons.size(), 4u);
  EXPECT_EQ(report.to_baseline.comparisons[0].name, "dense_vs_h2o_s0.9_books_ctx512");
  EXPECT_EQ(report.to_baseline.comparisons[3].name, "dense_vs_h2o_s0.9_news_ctx1024");
}

TEST(Comparison, EvictionThatChangesNoNumberIsSuspect) {
  CellResult counted = made_cell("h2o", 0.9, 42, kDense);
  for (DocumentResult& document : counted.documents) document.kept_sha256.clear();
  add_metric(counted, "discarded", 12);
  for (const CellResult& h2o : {made_cell("h2o", 0.9, 42, kDense), counted}) {
    const ComparisonReport report = compare({made_cell("dense", 0, 42, kDense), h2o});
    EXPECT_EQ(only(report.to_baseline).status, ComparisonStatus::kSuspect);
    EXPECT_EQ(only(report.to_baseline).reason, "evicted but identical to dense");
    ASSERT_EQ(report.findings.size(), 1u);
    EXPECT_EQ(report.findings[0].where, "books, context 1024, h2o_s0.9");
  }
}

TEST(Comparison, TheLastBitOfOneDocumentClearsSuspicion) {
  std::vector<double> nearly = kDense;
  nearly[1] = std::nextafter(nearly[1], 3);
  const ComparisonReport report =
      compare({made_cell("dense", 0, 42, kDense), made_cell("h2o", 0.9, 42, nearly)});
  EXPECT_TRUE(report.findings.empty());
  EXPECT_EQ(only(report.to_baseline).status, ComparisonStatus::kTested);
}

TEST(Comparison, DifferentCachesWithIdenticalNumbersAreSuspect) {
  const ComparisonReport same_sparsity =
      compare({made_cell("dense", 0, 42, kDense), made_cell("h2o", 0.9, 42, kWorse),
               made_cell("cab", 0.9, 42, kWorse)});
  ASSERT_EQ(same_sparsity.findings.size(), 1u);
  EXPECT_EQ(only(same_sparsity.pairwise).status, ComparisonStatus::kSuspect);

  const ComparisonReport other_sparsity =
      compare({made_cell("dense", 0, 42, kDense), made_cell("h2o", 0.9, 42, kWorse),
               made_cell("cab", 0.5, 42, kWorse)});
  EXPECT_EQ(other_sparsity.findings.size(), 1u);
  EXPECT_TRUE(other_sparsity.pairwise.comparisons.empty());

  CellResult twin = made_cell("h2o", 0.9, 42, kWorse);
  twin.cell.method = "h2o-again";  // keeps exactly what h2o keeps
  const ComparisonReport twins =
      compare({made_cell("dense", 0, 42, kDense), made_cell("h2o", 0.9, 42, kWorse), twin});
  EXPECT_TRUE(twins.findings.empty());
  EXPECT_EQ(only(twins.pairwise).status, ComparisonStatus::kDeterministic);
}

TEST(Comparison, WithoutAnyEvictionNoDeltaIsGiven) {
  CellResult idle = made_cell("h2o", 0.9, 42, kWorse);
  for (DocumentResult& document : idle.documents) document.kept_sha256 = "kept-all";
  const Comparison c = only(compare({made_cell("dense", 0, 42, kDense), idle}).to_baseline);
  EXPECT_EQ(c.status, ComparisonStatus::kNotExercised);
  EXPECT_EQ(c.test.n, 0u);
  EXPECT_FALSE(c.p_holm);
}

// dense, and h2o and cab at two sparsities.
std::vector<CellResult> two_sparsities() {
  return {made_cell("dense", 0, 42, kDense), made_cell("h2o", 0.5, 42, {1.01, 2.02, 3.04}),
          made_cell("cab", 0.5, 42, {1.02, 2.05, 3.08}), made_cell("h2o", 0.9, 42, kWorse),
          made_cell("cab", 0.9, 42, {1.6, 2.8, 4.0})};
}

TEST(Comparison, ABaselineRunAtSeveralSparsitiesIsTakenAtThatOfTheOther) {
  const ComparisonReport report = compare(two_sparsities(), {"h2o"});
  // {0.01, 0.03, 0.04} and {0.5, 0.6, 0.7}.
  EXPECT_NEAR(report.find("cab", 0.5, "books", 1024)->test.mean, 0.08 / 3, 1e-14);
  EXPECT_NEAR(report.find("cab", 0.9, "books", 1024)->test.mean, 0.6, 1e-14);
  const Comparison* dense = report.find("dense", 0, "books", 1024);
  EXPECT_EQ(dense->status, ComparisonStatus::kNoCounterpart);
  EXPECT_EQ(dense->reason, "h2o was run at several sparsities and not at 0.0");
  EXPECT_EQ(dense->test.n, 0u);
}

TEST(Comparison, ABaselineRunAtOneSparsityIsTakenForAll) {
  std::vector<CellResult> results = two_sparsities();
  results.push_back(made_cell("kvzap", 0.6, 42, {1, 2.1, 3.2}));
  const ComparisonReport report = compare(results, {"kvzap"});
  for (const Comparison& c : report.to_baseline.comparisons) {
    EXPECT_EQ(c.status, ComparisonStatus::kTested) << c.name;
  }
  EXPECT_NEAR(report.find("cab", 0.9, "books", 1024)->test.mean, 0.7, 1e-14);
}

TEST(Comparison, KeepingWhatABaselineThatEvictsKeepsIsNoContradiction) {
  for (const bool counts : {false, true}) {
    CellResult h2o = made_cell("h2o", 0.9, 42, kWorse);
    if (counts) add_metric(h2o, "discarded", 12);
    CellResult twin = h2o;
    twin.cell.method = "h2o-again";
    const ComparisonReport report = compare({h2o, twin}, {"h2o"});
    EXPECT_EQ(only(report.to_baseline).status, ComparisonStatus::kDeterministic);
    EXPECT_TRUE(report.findings.empty());
  }
}

TEST(CellGroups, TheBaselineOfAGroupStandsInItsPlaceAndHasItsSparsityOrNoOther) {
  std::vector<CellResult> results = two_sparsities();
  results.push_back(made_cell("kvzap", 0.6, 42, kWorse));
  results.push_back(made_cell("kvzap", 0.7, 42, kWorse));
  results.back().cell.dataset = "news";
  const std::vector<CellGroup> groups = group_cells(results, "dense");
  const auto found = [&groups](const char* baseline, double sparsity, const char* dataset) {
    CellGroup group;
    group.method = "cab";
    group.sparsity = sparsity;
    group.dataset = dataset;
    group.context_tokens = 1024;
    const CellGroup* of = baseline_of(group, groups, baseline);
    return of == nullptr ? "none" : of->where();
  };
  EXPECT_EQ(found("dense", 0.9, "books"), "books, context 1024, dense_s0.0");
  EXPECT_EQ(found("h2o", 0.9, "books"), "books, context 1024, h2o_s0.9");
  EXPECT_EQ(found("h2o", 0.7, "books"), "none");
  EXPECT_EQ(found("kvzap", 0.9, "books"), "books, context 1024, kvzap_s0.6");
  EXPECT_EQ(found("kvzap", 0.9, "news"), "news, context 1024, kvzap_s0.7");
  EXPECT_EQ(found("dense", 0.9, "news"), "none");
}

TEST(PooledNll, TokensWeighAlikeWhateverDocumentOrCellTheyAreIn) {
  CellResult cell = made_cell("dense", 0, 42, {1, 2});
  cell.documents[1].targets = {1, 2};
  cell.documents[1].sum_nll_nats = 4;
  PooledNll pooled(cell.documents);
  EXPECT_EQ(pooled.targets, 6);
  EXPECT_EQ(pooled.mean(), 8.0 / 6);
  EXPECT_EQ(pooled.perplexity(), std::exp(8.0 / 6));
  pooled.add(made_cell("dense", 0, 43, {5}).documents);
  EXPECT_EQ(pooled.mean(), 28.0 / 10);
  EXPECT_TRUE(std::isnan(PooledNll().mean()));
  EXPECT_TRUE(std::isnan(PooledNll().perplexity()));
}

TEST(Comparison, TheBaselineCanHaveAnotherLabel) {
  const ComparisonReport report =
      compare({made_cell("full", 0, 42, kDense), made_cell("h2o", 0.9, 42, kWorse)}, {"full"});
  EXPECT_EQ(only(report.to_baseline).name, "full_vs_h2o_s0.9");
}

}  // namespace
}  // namespace pressroom::comparison_test
