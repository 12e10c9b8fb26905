#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "stats/significance.h"
#include "stats/t_tests.h"

namespace pressroom::power_test {
namespace {

// The reference integrates Phi(noncentrality - critical s) over the density of s, the estimated
// standard deviation over the true one, with 30 digits.
TEST(PairedTPower, AgreesWithTheIntegralOverTheSpread) {
  const std::vector<std::tuple<std::int64_t, double, double, double, double>> cases = {
      {2, 0.01, 0.01, 0.05, 0.092809155056336032},
      {12, 0.005, 0.01, 0.05, 0.35282414932733897},
      {30, 0.01, 0.02, 0.01, 0.50255549712716008},
      {100, -0.002, 0.01, 0.05, 0.50826480662103729},
      {8, 0, 0.01, 0.05, 0.05},
  };
  for (const auto& [n, difference, sd, alpha, expected] : cases) {
    EXPECT_NEAR(paired_t_power(n, difference, sd, alpha) / expected, 1, 1e-9) << n;
  }
}

TEST(PairedTPower, GoesOverSmoothlyToVeryLargeEffects) {
  // Either side of the change from the noncentral t to its limit, three documents.
  EXPECT_NEAR(paired_t_power(3, 577.34, 1, 1e-6), paired_t_power(3, 577.36, 1, 1e-6), 1e-4);
  EXPECT_EQ(paired_t_power(2, 0.01, 1e-17, 0.05), 1);
  EXPECT_EQ(paired_t_power(1000, 0.01, std::numeric_limits<double>::denorm_min(), 0.05), 1);
}

struct NeededCase {
  double sd;
  double margin;
  double alpha;
  std::int64_t documents;
};

TEST(DocumentsNeeded, AgreesWithIndependentComputations) {
  // statsmodels' TTestPower, rounded up, and the same integral where that does not converge.
  const std::vector<NeededCase> cases = {
      {0.02, 0.01, 0.05, 34},        {0.02, 0.01, 0.05 / 20, 65},  {0.05, 0.01, 0.05, 201},
      {0.05, 0.01, 0.05 / 500, 574}, {0.01, 0.01, 0.05, 11},       {0.003, 0.01, 0.05, 3},
      {0.001, 0.01, 0.05 / 100, 5},  {0.3, 0.005, 0.05, 28400},    {0.1, 0.02, 0.01, 302},
      {0.002, 0.01, 0.05 / 1000, 7}, {2e-4, 0.01, 0.05 / 1000, 4}, {2e-5, 0.01, 0.05, 2},
      {1e-17, 0.01, 0.05, 2},        {1e-4, 1e-4, 0.05, 10},
  };
  for (const NeededCase& c : cases) {
    EXPECT_EQ(documents_needed(c.sd, margin_in_nats(c.margin), c.alpha), c.documents)
        << c.sd << " " << c.margin << " " << c.alpha;
  }
}

TEST(DocumentsNeeded, IsTheFirstNumberWithThePower) {
  for (const double sd : {0.004, 0.013, 0.04, 0.2}) {
    const std::int64_t n = documents_needed(sd, 0.01, 0.05, 0.9).value();
    EXPECT_GE(paired_t_power(n, 0.01, sd, 0.05), 0.9) << sd;
    ASSERT_GT(n, 2) << sd;
    EXPECT_LT(paired_t_power(n - 1, 0.01, sd, 0.05), 0.9) << sd;
  }
}

TEST(DocumentsNeeded, StopsAtTenMillion) {
  EXPECT_EQ(documents_needed(100, 1e-6, 0.05), kMostDocuments);
  EXPECT_EQ(documents_needed(1, 0, 0.05), kMostDocuments);
}

TEST(DocumentsNeeded, NeedsAVariance) {
  EXPECT_FALSE(documents_needed(0, 0.01, 0.05));
  EXPECT_FALSE(documents_needed(std::numeric_limits<double>::quiet_NaN(), 0.01, 0.05));
}

}  // namespace
}  // namespace pressroom::power_test
