#include <gtest/gtest.h>

#include <cmath>

#include "stats/distribution_free.h"

namespace pressroom::wilcoxon_test {
namespace {

struct WilcoxonCase {
  std::vector<double> differences;
  WilcoxonChoice choice;
  WilcoxonMethod method;
  double statistic;
  double p;
};

// 0.5, 1, -1.5, 2, 2.5, -3, ...: every third is negative.
std::vector<double> every_third_negative(int n) {
  std::vector<double> differences;
  for (int i = 1; i <= n; ++i) differences.push_back(i % 3 == 0 ? -0.5 * i : 0.5 * i);
  return differences;
}

TEST(Wilcoxon, AgreesWithSciPyAndSaysHowItWasComputed) {
  constexpr auto kAutomatic = WilcoxonChoice::kAutomatic;
  constexpr auto kExact = WilcoxonMethod::kExact;
  constexpr auto kNormal = WilcoxonMethod::kNormal;
  // wilcoxon(d, zero_method="wilcox", correction=False, method="exact" or "asymptotic").
  const std::vector<WilcoxonCase> cases = {
      {{1}, kAutomatic, kExact, 0, 1},
      {{1, 2, 3}, kAutomatic, kExact, 0, 0.25},
      {{0.02, -0.01, 0.04, 0.03}, kAutomatic, kExact, 1, 0.25},
      {{1, -2, 3, -4, 5, 6, 7}, kAutomatic, kExact, 6, 0.21875},
      {{1, 1, 2, -3}, kAutomatic, kNormal, 4, 0.7127018566581784},
      {{0, 1, 2, -3, 4, 5}, kAutomatic, kNormal, 3, 0.22491588401596185},
      {{0, 0, 1}, kAutomatic, kNormal, 0, 0.31731050786291415},
      {{1, 1, -1, -1}, kAutomatic, kNormal, 5, 1},
      {{1, -1, 2, 2, 2, -3, 4, 5, 5, -6, 7, 8}, kAutomatic, kNormal, 17.5, 0.09093148991814934},
      {every_third_negative(25), kAutomatic, kExact, 108, 0.14847958087921143},
      {every_third_negative(26), kAutomatic, kNormal, 108, 0.08646199403769568},
      {every_third_negative(26), WilcoxonChoice::kExact, kExact, 108, 0.08902901411056519},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE(i);
    const Wilcoxon test = wilcoxon(cases[i].differences, cases[i].choice);
    EXPECT_EQ(test.method, cases[i].method);
    EXPECT_DOUBLE_EQ(test.statistic, cases[i].statistic);
    EXPECT_NEAR(test.p.value() / cases[i].p, 1, 1e-12);
  }
  EXPECT_STREQ(to_string(kExact), "exact");
  EXPECT_STREQ(to_string(kNormal), "normal, tie-corrected");
}

// The definition: of all 2^n ways to give the ranks signs, how many are as lopsided?
double p_by_enumeration(std::size_t n, double statistic) {
  int as_small = 0;
  for (unsigned signs = 0; signs < 1U << n; ++signs) {
    double sum = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (signs >> i & 1U) sum += static_cast<double>(i + 1);
    }
    if (sum <= statistic) ++as_small;
  }
  return std::min(1.0, 2 * std::ldexp(as_small, -static_cast<int>(n)));
}

TEST(Wilcoxon, ExactPIsTheShareOfAllSigns) {
  for (std::size_t n = 1; n <= 10; ++n) {
    for (unsigned signs = 0; signs < 1U << n; signs += 7) {
      std::vector<double> differences;
      for (std::size_t i = 0; i < n; ++i) {
        const double size = std::sqrt(static_cast<double>(i + 1));
        differences.push_back(signs >> i & 1U ? size : -size);
      }
      const Wilcoxon test = wilcoxon(differences);
      ASSERT_EQ(test.method, WilcoxonMethod::kExact);
      ASSERT_DOUBLE_EQ(*test.p, p_by_enumeration(n, test.statistic)) << n << " " << signs;
    }
  }
}

TEST(Wilcoxon, RanksOfAllDifferencesThatAreNotZeroAreSummed) {
  const Wilcoxon test = wilcoxon({0, -2, 1, 1, 0, 5, -1});
  EXPECT_EQ(test.n, 5u);
  EXPECT_EQ(test.zeros, 2u);
  EXPECT_TRUE(test.ties);
  EXPECT_EQ(test.positive_rank_sum, 2 + 2 + 5);
  EXPECT_EQ(test.negative_rank_sum, 2 + 4);
  EXPECT_FALSE(wilcoxon({1, -2, 3}).ties);
}

TEST(Wilcoxon, SwappingTheMethodsSwapsTheRankSumsAlone) {
  const Wilcoxon up = wilcoxon({0.3, -0.1, 0.2, 0.7, 0.4});
  const Wilcoxon down = wilcoxon({-0.3, 0.1, -0.2, -0.7, -0.4});
  EXPECT_EQ(up.positive_rank_sum, down.negative_rank_sum);
  EXPECT_EQ(up.statistic, down.statistic);
  EXPECT_EQ(*up.p, *down.p);
}

TEST(Wilcoxon, NothingToRankIsNoTest) {
  for (const std::vector<double>& differences :
       {std::vector<double>{}, std::vector<double>{0}, std::vector<double>(40, 0.0), {-0.0, 0.0}}) {
    const Wilcoxon test = wilcoxon(differences);
    EXPECT_EQ(test.n, 0u);
    EXPECT_EQ(test.zeros, differences.size());
    EXPECT_FALSE(test.p);
    EXPECT_STREQ(to_string(test.method), "none");
  }
}

TEST(Wilcoxon, TiesAreNeverCountedAsIfTheyWereNone) {
  EXPECT_EQ(wilcoxon({1, 1, 2}, WilcoxonChoice::kExact).method, WilcoxonMethod::kNormal);
  EXPECT_EQ(wilcoxon({0, 1, 2}, WilcoxonChoice::kExact).method, WilcoxonMethod::kExact);
}

TEST(Wilcoxon, ManyDifferencesOfOneSignKeepASmallP) {
  std::vector<double> differences;
  for (int i = 1; i <= 1000; ++i) differences.push_back(i);
  // All of the variance n (n + 1) (2 n + 1) / 24 away from the mean n (n + 1) / 4.
  const double z = 250250 / std::sqrt(1000 * 1001.0 * 2001 / 24);
  EXPECT_NEAR(*wilcoxon(differences).p / std::erfc(z / std::sqrt(2.0)), 1, 1e-9);
  EXPECT_GT(*wilcoxon(differences).p, 0);
}

}  // namespace
}  // namespace pressroom::wilcoxon_test
