#include <gtest/gtest.h>

#include <cmath>
#include <iostream>
#include <random>

#include "parallel/parallel_for.h"
#include "stats/distribution_free.h"
#include "stats/t_tests.h"

namespace pressroom::bootstrap_test {
namespace {

std::vector<double> normal_values(std::size_t n, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal(0.01, 0.02);
  std::vector<double> values;
  for (std::size_t i = 0; i < n; ++i) values.push_back(normal(random));
  return values;
}

TEST(WeightedMean, WeighsDocumentsByTheirTargets) {
  EXPECT_DOUBLE_EQ(weighted_mean({1, 2, 6}, {1, 2, 1}), 11.0 / 4);
  EXPECT_DOUBLE_EQ(weighted_mean({0.25}, {512}), 0.25);
  EXPECT_EQ(weighted_mean({}, {}), 0);
}

// Of two documents a resample has the first twice, each once or the second twice, with chances
// 1/4, 1/2 and 1/4: both ends of a 95 % interval are at the outer two.
TEST(Bootstrap, TwoDocumentsSpanTheirInterval) {
  const auto interval = bootstrap_interval({0.1, 0.3}, {100, 900}, 10000);
  ASSERT_TRUE(interval);
  EXPECT_DOUBLE_EQ(interval->low, 0.1);
  EXPECT_DOUBLE_EQ(interval->high, 0.3);
}

// Of n documents that differ by 0 but for k that differ by 1, the mean of a resample is binomial.
// Its points for n = 100, k = 30, divided by 100: SciPy 1.17.1, binom.ppf.
TEST(Bootstrap, PointsAreThoseOfTheBinomialForZerosAndOnes) {
  std::vector<double> values(100, 0.0);
  for (int i = 0; i < 30; ++i) values[static_cast<std::size_t>(3 * i)] = 1;
  const auto interval = bootstrap_interval(values, std::vector<double>(100, 7.0), 100000);
  EXPECT_NEAR(interval->low, 0.21, 1e-12);
  EXPECT_NEAR(interval->high, 0.39, 1e-12);
}

// For many documents the interval tends to mean +- 1.96 standard errors; the percentile bootstrap's
// standard error has n for n - 1.
TEST(Bootstrap, ApproachesTheNormalIntervalForManyDocuments) {
  const std::vector<double> values = normal_values(1000, 3);
  const Moments m = moments(values);
  const auto interval = bootstrap_interval(values, std::vector<double>(1000, 1.0), 50000);
  EXPECT_NEAR((interval->low - m.mean) / m.standard_error, -1.96, 0.03);
  EXPECT_NEAR((interval->high - m.mean) / m.standard_error, 1.96, 0.03);
}

// A ratio of sums: with weights the standard error is sqrt(sum w^2 (d - mean)^2) / sum w.
TEST(Bootstrap, WeightsEnterBothSums) {
  const std::vector<double> values = normal_values(1000, 4);
  std::vector<double> weights;
  double squares = 0;
  double total = 0;
  for (std::size_t i = 0; i < values.size(); ++i) weights.push_back(i % 4 == 0 ? 900 : 100);
  const double mean = weighted_mean(values, weights);
  for (std::size_t i = 0; i < values.size(); ++i) {
    squares += std::pow(weights[i] * (values[i] - mean), 2);
    total += weights[i];
  }
  const double standard_error = std::sqrt(squares) / total;
  const auto interval = bootstrap_interval(values, weights, 50000);
  EXPECT_NEAR((interval->low - mean) / standard_error, -1.96, 0.03);
  EXPECT_NEAR((interval->high - mean) / standard_error, 1.96, 0.03);
}

// In simulated campaigns with normal differences about a known mean: n documents cover it as the
// interval mean +- 1.96 sqrt((n - 1) / n) standard errors does, whose coverage follows from the t
// distribution with n - 1 degrees of freedom (SciPy 1.17.1): 0.904 for 10, 0.943 for 60.
TEST(Bootstrap, CoversTheTruthAsTheoryPredicts) {
  struct Coverage {
    std::size_t n;
    double expected;
  };
  constexpr int kCampaigns = 2000;
  for (const Coverage& c : {Coverage{10, 0.904}, Coverage{60, 0.943}}) {
    int covered = 0;
    for (int i = 0; i < kCampaigns; ++i) {
      const auto values = normal_values(c.n, 1000 + static_cast<std::uint64_t>(i));
      const auto interval = bootstrap_interval(values, std::vector<double>(c.n, 1.0), 1000);
      if (interval->low <= 0.01 && 0.01 <= interval->high) ++covered;
    }
    const double share = static_cast<double>(covered) / kCampaigns;
    std::cout << "bootstrap, " << c.n << " documents: covers " << share << ", theory " << c.expected
              << "\n";
    EXPECT_NEAR(share, c.expected, 0.02);
  }
}

TEST(Bootstrap, GivesTheSameBitsOnAnyNumberOfThreads) {
  const std::vector<double> values = normal_values(37, 5);
  const std::vector<double> weights(37, 3.0);
  const Interval shared = bootstrap_interval(values, weights, 10000).value();
  Interval alone;
  // A loop inside a loop runs on one thread.
  parallel_for(2, 2, [&](std::int64_t i) {
    if (i == 0) alone = bootstrap_interval(values, weights, 10000).value();
  });
  EXPECT_EQ(shared.low, alone.low);
  EXPECT_EQ(shared.high, alone.high);
  EXPECT_EQ(shared.low, bootstrap_interval(values, weights, 10000)->low);
}

TEST(Bootstrap, IsTheSameOnEveryMachine) {
  // Computed in Python from the hash of pressroom/random.h, written out again.
  const auto interval =
      bootstrap_interval({0.5, -0.25, 1.75, 0.125, 3, 0.0625}, {1, 2, 3, 4, 5, 6}, 1000);
  EXPECT_DOUBLE_EQ(interval->low, 0.046052631578947366);
  EXPECT_DOUBLE_EQ(interval->high, 2.2386363636363638);
}

TEST(Bootstrap, HasNoIntervalWithoutAVarianceOrResamples) {
  EXPECT_FALSE(bootstrap_interval({}, {}, 100));
  EXPECT_FALSE(bootstrap_interval({0.1}, {5}, 100));
  EXPECT_FALSE(bootstrap_interval({0.1, 0.1}, {5, 6}, 100));
  EXPECT_FALSE(bootstrap_interval({0.1, 0.2}, {5, 6}, 0));
  EXPECT_TRUE(bootstrap_interval({0.1, 0.2}, {5, 6}, 1));
}

}  // namespace
}  // namespace pressroom::bootstrap_test
