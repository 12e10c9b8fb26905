// Rates and what tells two of them apart. The references were computed with Python: Wilson's ends as
// the roots x of (p - x)^2 = z^2 x (1 - x) / n, McNemar's p with exact fractions, numbers of
// questions by Connor's formula.
#include "stats/rates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>
#include <vector>

namespace pressroom::rates_test {
namespace {

TEST(Rate, HasWilsonsInterval) {
  const std::vector<std::tuple<std::size_t, std::size_t, double, double>> cases = {
      {22, 24, 0.7415119780678932, 0.9768411847029566},
      {123, 240, 0.4495650714543609, 0.5750410805471},
      {5, 10, 0.236593090512564, 0.763406909487436},
      {1, 3, 0.06149194472039624, 0.7923403991979524},
      {999, 1000, 0.9943574414020614, 0.9998234536293547},
      {0, 10, 0, 0.27753279986288915},
      {10, 10, 0.7224672001371111, 1},
      {1, 1, 0.2065493143772375, 1},
  };
  for (const auto& [right, asked, low, high] : cases) {
    const Rate told = rate(right, asked);
    EXPECT_NEAR(told.wilson95.low, low, 1e-12) << right << " of " << asked;
    EXPECT_NEAR(told.wilson95.high, high, 1e-12) << right << " of " << asked;
    EXPECT_DOUBLE_EQ(told.share(), static_cast<double>(right) / static_cast<double>(asked));
  }
  EXPECT_EQ(rate(0, 10).wilson95.low, 0);
  EXPECT_EQ(rate(10, 10).wilson95.high, 1);
}

TEST(McNemar, IsExact) {
  const std::vector<std::tuple<std::size_t, std::size_t, double>> cases = {
      {12, 3, 0.03515625},
      {3, 12, 0.03515625},
      {0, 5, 0.0625},
      {1, 0, 1},
      {5, 5, 1},
      {30, 10, 0.0022214337732293643},
      {100, 60, 0.001953728034064342},
      {83, 0, 2.0679515313825692e-25},
  };
  for (const auto& [first, second, p] : cases) {
    EXPECT_NEAR(mcnemar(first, second).value() / p, 1, 1e-12) << first << ", " << second;
  }
  EXPECT_FALSE(mcnemar(0, 0));
}

// Over all outcomes of n questions that differ, each of which either may have right: where two
// methods are equally good, a p of alpha or less comes as often as alpha, or less often.
TEST(McNemar, RejectsNoMoreOftenThanItSays) {
  for (const double alpha : {0.05, 0.01, 0.001}) {
    double most = 0;
    for (std::size_t n = 1; n <= 80; ++n) {
      double rejected = 0;
      for (std::size_t k = 0; k <= n; ++k) {
        if (mcnemar(k, n - k).value() > alpha) continue;
        const auto chosen = static_cast<double>(k);
        const auto all = static_cast<double>(n);
        rejected += std::exp(std::lgamma(all + 1) - std::lgamma(chosen + 1) -
                             std::lgamma(all - chosen + 1) - all * std::log(2));
      }
      EXPECT_LE(rejected, alpha * (1 + 1e-9)) << n << " at " << alpha;
      most = std::max(most, rejected);
    }
    EXPECT_GT(most, alpha / 2) << "it never rejects as often as it may";
  }
}

TEST(QuestionsNeeded, AreThoseOfConnorsFormula) {
  // The pairs before they are rounded up: 625.547, 31393.161, 409.089, 154.599, 90.483.
  EXPECT_EQ(questions_needed(0.2, 0.05, 0.05), 626);
  EXPECT_EQ(questions_needed(0.2, -0.05, 0.05), 626);
  EXPECT_EQ(questions_needed(0.4, 0.01, 0.05), 31394);
  EXPECT_EQ(questions_needed(0.3, 0.1, 0.05 / 12), 410);
  EXPECT_EQ(questions_needed(0.5, 0.25, 0.01), 91);
  EXPECT_EQ(questions_needed(0.05, 0.05, 0.05), 155);
  EXPECT_EQ(questions_needed(0.01, 0.05, 0.05), 155);  // fewer differ than would have to
  EXPECT_EQ(questions_needed(0.5, 1e-9, 0.05), kMostDocuments);
  EXPECT_EQ(questions_needed(0.5, 0, 0.05), kMostDocuments);
  EXPECT_FALSE(questions_needed(0, 0.05, 0.05));
  EXPECT_FALSE(questions_needed(std::numeric_limits<double>::quiet_NaN(), 0.05, 0.05));
}

// Log of the chance of k of n at probability p, 0 < p < 1.
double log_binomial(std::size_t n, std::size_t k, double p) {
  const auto of = [](std::size_t m) { return std::lgamma(static_cast<double>(m) + 1); };
  return of(n) - of(k) - of(n - k) + static_cast<double>(k) * std::log(p) +
         static_cast<double>(n - k) * std::log1p(-p);
}

// Of the exact test, summed over all that n questions can come to.
double exact_power(std::size_t n, double differing, double difference, double alpha) {
  const double first = (1 + difference / differing) / 2;  // of those that differ
  double power = 0;
  for (std::size_t m = 1; m <= n; ++m) {
    const double chance = std::exp(log_binomial(n, m, differing));
    if (chance < 1e-12) continue;
    for (std::size_t k = 0; k <= m; ++k) {
      if (*mcnemar(k, m - k) <= alpha) power += chance * std::exp(log_binomial(m, k, first));
    }
  }
  return power;
}

TEST(QuestionsNeeded, GiveTheExactTestNearlyThePower) {
  const std::vector<std::tuple<double, double, double>> cases = {
      {0.2, 0.05, 0.05}, {0.3, 0.1, 0.05 / 12}, {0.5, 0.25, 0.01}};
  for (const auto& [differing, difference, alpha] : cases) {
    const auto n = static_cast<std::size_t>(*questions_needed(differing, difference, alpha));
    const double power = exact_power(n, differing, difference, alpha);
    EXPECT_GT(power, 0.77) << differing;  // 0.779, 0.786, 0.782
    EXPECT_LT(power, 0.8) << differing;
  }
}

TEST(LeastDifference, IsTheOneThatSoManyQuestionsAreNeededFor) {
  EXPECT_NEAR(least_difference(200, 0.2, 0.05).value(), 0.08807269345160357, 1e-9);
  EXPECT_NEAR(least_difference(240, 0.5, 0.05 / 12).value(), 0.16809400602410363, 1e-9);
  EXPECT_NEAR(least_difference(1000, 0.01, 0.05).value(), 0.008848949811378532, 1e-9);
  EXPECT_FALSE(least_difference(20, 0.1, 0.05));
  EXPECT_FALSE(least_difference(20, 0, 0.05));
  for (const double differing : {0.1, 0.4, 1.0}) {
    const double least = least_difference(500, differing, 0.01).value();
    EXPECT_LE(questions_needed(differing, 1.0001 * least, 0.01).value(), 500);
    EXPECT_GT(questions_needed(differing, 0.99 * least, 0.01).value(), 500);
  }
}

}  // namespace
}  // namespace pressroom::rates_test
