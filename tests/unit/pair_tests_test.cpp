#include "stats/pair_tests.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace pressroom::pair_tests_test {
namespace {

// Figures without another source are SciPy 1.17.1's.
void expect_relative(double actual, double expected) {
  EXPECT_NEAR(actual, expected, 1e-12 * std::abs(expected));
}

const std::vector<PairedUnit> kUnits = {{0.012, 500}, {0.031, 400}, {-0.004, 512},
                                        {0.02, 512},  {0.015, 300}, {0.008, 512}};

TEST(PairTests, AskEverythingOfTheSameDifferences) {
  const PairTests tests = pair_tests(kUnits, 0.02, 1, 10000);
  EXPECT_EQ(tests.wilcoxon.method, WilcoxonMethod::kExact);
  EXPECT_DOUBLE_EQ(tests.wilcoxon.p.value(), 0.0625);
  expect_relative(tests.effect.cohen_dz.value(), 1.1639463541802144);
  expect_relative(tests.effect.hedges_gz.value(), 0.9801653508886016);
  expect_relative(tests.equivalence.bound_nats, std::log(1.02));
  expect_relative(tests.equivalence.t_lower.value(), 6.9822040801553635);
  expect_relative(tests.equivalence.t_upper.value(), -1.2800547687267423);
  expect_relative(tests.equivalence.p.value(), 0.1283481155097645);
  EXPECT_FALSE(tests.p_equivalence_holm);
  expect_relative(tests.token_weighted, 0.012861111111111111);
  ASSERT_TRUE(tests.bootstrap_ci95);
  EXPECT_LT(tests.bootstrap_ci95->low, tests.token_weighted);
  EXPECT_GT(tests.bootstrap_ci95->high, tests.token_weighted);
  EXPECT_EQ(tests.documents_needed, 5);  // statsmodels: 4.99
}

TEST(PairTests, ALargerFamilyNeedsMoreDocumentsAndChangesNothingElse) {
  const PairTests alone = pair_tests(kUnits, 0.02, 1, 100);
  const PairTests one_of_many = pair_tests(kUnits, 0.02, 20, 100);
  EXPECT_EQ(one_of_many.documents_needed, 10);  // statsmodels: 9.71
  EXPECT_EQ(pair_tests(kUnits, 0.02, 0, 100).documents_needed, alone.documents_needed);
  EXPECT_EQ(one_of_many.bootstrap_ci95->low, alone.bootstrap_ci95->low);
  EXPECT_EQ(one_of_many.equivalence.p, alone.equivalence.p);
}

TEST(PairTests, WithoutAVarianceOrDocumentsThereIsNothingToTest) {
  const double kSame = 0.01;
  for (const std::vector<PairedUnit>& units : {std::vector<PairedUnit>{},
                                               {{0.01, 5}},
                                               {{kSame, 5}, {kSame, 9}, {kSame, 7}},
                                               {{0, 5}, {0, 9}}}) {
    const PairTests tests = pair_tests(units, 0.01, 1, 1000);
    EXPECT_FALSE(tests.effect.cohen_dz || tests.effect.hedges_gz);
    EXPECT_FALSE(tests.equivalence.p || tests.equivalence.t_lower || tests.equivalence.t_upper);
    EXPECT_FALSE(tests.bootstrap_ci95);
    EXPECT_FALSE(tests.documents_needed);
    EXPECT_TRUE(std::isfinite(tests.token_weighted));
  }
}

TEST(PairTests, NoResamplesIsNoBootstrap) {
  EXPECT_FALSE(pair_tests(kUnits, 0.01, 1, 0).bootstrap_ci95);
}

TEST(EffectSize, OfTwoDocumentsHasNoUnbiasedPart) {
  const EffectSize effect = effect_size(paired_test({1, 3}));
  expect_relative(*effect.cohen_dz, 2 / std::sqrt(2.0));
  EXPECT_EQ(*effect.hedges_gz, 0);
  EXPECT_LT(*effect_size(paired_test({-1, -3})).cohen_dz, 0);
}

TEST(Equivalence, IsSymmetricAndGrowsWithTheDifference) {
  const Equivalence up = equivalence(paired_test({0.001, 0.003, 0.002}), 0.01);
  const Equivalence down = equivalence(paired_test({-0.001, -0.003, -0.002}), 0.01);
  expect_relative(*up.p, *down.p);
  expect_relative(*up.t_lower, -*down.t_upper);
  EXPECT_LT(*up.p, *equivalence(paired_test({0.004, 0.006, 0.005}), 0.01).p);
  // A mean at the margin itself is as likely as not to be beyond it.
  EXPECT_NEAR(*equivalence(paired_test({0.25, 0.5, 0.75}), 0.5).p, 0.5, 1e-12);
  EXPECT_GT(*equivalence(paired_test({0.5, 0.7, 0.9}), 0.5).p, 0.5);
}

struct WelchCase {
  std::vector<double> first;
  std::vector<double> second;
  double t;
  double df;
  double p;
};

TEST(Welch, AgreesWithSciPyForUnequalSizesAndSpreads) {
  const std::vector<WelchCase> cases = {
      {{10.1, 10.3, 10.2},
       {10.4, 10.8, 10.5, 10.9},
       -3.4016802570830484,
       4.226837060702884,
       0.024989486258047488},
      // One side without a variance of its own.
      {{5, 5, 5}, {4.9, 5.3, 5.2}, -1.1094003924504556, 2, 0.3827866001516333},
  };
  for (const WelchCase& c : cases) {
    const Welch test = welch(c.first, c.second);
    EXPECT_NEAR(test.t.value() / c.t, 1, 1e-11);
    EXPECT_NEAR(test.df.value() / c.df, 1, 1e-11);
    EXPECT_NEAR(test.p.value() / c.p, 1, 1e-11);
  }
}

TEST(Welch, NeedsTwoValuesASideAndAVariance) {
  EXPECT_FALSE(welch({}, {}).p);
  EXPECT_FALSE(welch({1}, {2, 3}).t);
  EXPECT_FALSE(welch({1, 1}, {2, 2}).p);
  EXPECT_TRUE(std::isfinite(*welch({1, 1 + 1e-15}, {1, 1}).df));
}

TEST(SeedTests, AreOfFirstMinusSecondOverSeeds) {
  const SeedTests tests = seed_tests({20.1, 20.9, 20.4}, {20.6, 21.1, 21.2});
  EXPECT_EQ(tests.seeds, 3u);
  EXPECT_FALSE(tests.deterministic);
  EXPECT_NEAR(tests.mean_difference_ppl, -0.5, 1e-12);
  EXPECT_NEAR(tests.paired.t.value(), -2.886751345948146, 1e-11);
  EXPECT_NEAR(tests.paired.p.value(), 0.10197348986612446, 1e-11);
  EXPECT_NEAR(tests.welch.t.value(), -1.6770509831248592, 1e-11);
  EXPECT_NEAR(tests.welch.df.value(), 3.807257584770971, 1e-10);
  EXPECT_NEAR(tests.welch.p.value(), 0.1724415369714042, 1e-11);
}

TEST(SeedTests, RepetitionsToTheBitAreNoTestOfAnyKind) {
  const SeedTests tests = seed_tests({20.1, 20.1, 20.1}, {20.6, 20.6, 20.6});
  EXPECT_TRUE(tests.deterministic);
  EXPECT_NEAR(tests.mean_difference_ppl, -0.5, 1e-12);
  EXPECT_FALSE(tests.paired.p || tests.paired.t || tests.paired.ci95);
  EXPECT_FALSE(tests.welch.p || tests.welch.t || tests.welch.df);
  EXPECT_EQ(tests.paired.no_test,
            "every seed gave the same perplexities: repetitions, not observations");
}

TEST(SeedTests, AConstantDifferenceOfVaryingSeedsIsNotDeterministic) {
  const SeedTests tests = seed_tests({2, 3, 4}, {3, 4, 5});
  EXPECT_FALSE(tests.deterministic);
  EXPECT_FALSE(tests.paired.p);
  EXPECT_TRUE(tests.welch.p);
  EXPECT_EQ(tests.paired.no_test,
            "every seed has the same difference: there is no variance to test against");
}

TEST(SeedTests, OneSeedOrNoneIsNoTest) {
  const SeedTests one = seed_tests({20}, {21});
  EXPECT_EQ(one.mean_difference_ppl, -1);
  EXPECT_FALSE(one.deterministic || one.paired.p || one.welch.p);
  EXPECT_EQ(one.paired.no_test, "one seed: no test over seeds");
  EXPECT_EQ(seed_tests({}, {}).paired.no_test, "no seed has a result of both");
}

TEST(SeedTests, APerplexityThatOverflowedIsNoTest) {
  const double infinity = std::numeric_limits<double>::infinity();
  const SeedTests tests = seed_tests({20, 21}, {infinity, 22});
  EXPECT_TRUE(std::isnan(tests.mean_difference_ppl));
  EXPECT_FALSE(tests.paired.p || tests.welch.p || tests.deterministic);
  EXPECT_EQ(tests.paired.no_test, "a perplexity is not a finite number");
}

}  // namespace
}  // namespace pressroom::pair_tests_test
