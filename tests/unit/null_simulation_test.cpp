// Do the tests make the mistakes they promise, and no more? Campaigns in which the answer is known.
#include <gtest/gtest.h>

#include <iomanip>
#include <iostream>
#include <random>

#include "stats/distribution_free.h"
#include "stats/significance.h"
#include "stats/t_tests.h"

namespace pressroom::null_simulation_test {
namespace {

constexpr int kCampaigns = 2000;
constexpr int kMethods = 5;
// The exact Wilcoxon test has few levels; for 14 documents one of them is 0.0494.
constexpr int kDocuments = 14;
constexpr double kTolerance = 0.01;

// Documents differ far more among themselves (0.5 nats) than methods do on one of them. All methods
// are compared with the same baseline, so that their tests are correlated.
class Simulation {
 public:
  Simulation(std::uint64_t seed, double true_difference, double spread)
      : random_(seed), true_difference_(true_difference), spread_(spread) {}

  // Differences of each method from the baseline, by document.
  std::vector<std::vector<double>> campaign() {
    std::vector<std::vector<double>> differences(kMethods);
    for (int document = 0; document < kDocuments; ++document) {
      const double difficulty = 2.5 + 0.5 * normal_(random_);
      const double baseline = difficulty + 0.3 * spread_ * normal_(random_);
      for (auto& of_method : differences) {
        const double method = difficulty + true_difference_ + spread_ * normal_(random_);
        of_method.push_back(method - baseline);
      }
    }
    return differences;
  }

 private:
  std::mt19937_64 random_;
  std::normal_distribution<double> normal_;
  double true_difference_;
  double spread_;
};

void print(const std::string& what, double share) {
  std::cout << std::left << std::setw(62) << what << std::fixed << std::setprecision(4) << share
            << "\n";
  testing::Test::RecordProperty(what, std::to_string(share));
}

struct Rejections {
  double paired_t = 0;  // shares of comparisons
  double wilcoxon = 0;
  double uncorrected = 0;  // shares of campaigns with at least one rejection
  double holm = 0;
};

Rejections rejections_under_the_null() {
  Simulation simulation(20260301, 0, 0.02);
  Rejections count;
  for (int i = 0; i < kCampaigns; ++i) {
    std::vector<std::optional<double>> p;
    bool any = false;
    for (const auto& differences : simulation.campaign()) {
      p.push_back(paired_test(differences).p);
      any |= *p.back() < kSignificanceLevel;
      count.paired_t += *p.back() < kSignificanceLevel ? 1 : 0;
      count.wilcoxon += *wilcoxon(differences).p < kSignificanceLevel ? 1 : 0;
    }
    count.uncorrected += any ? 1 : 0;
    bool any_adjusted = false;
    for (const auto& adjusted : holm(p)) any_adjusted |= *adjusted < kSignificanceLevel;
    count.holm += any_adjusted ? 1 : 0;
  }
  count.paired_t /= kCampaigns * kMethods;
  count.wilcoxon /= kCampaigns * kMethods;
  count.uncorrected /= kCampaigns;
  count.holm /= kCampaigns;
  return count;
}

TEST(NullSimulation, TestsRejectAsOftenAsTheirLevelSays) {
  const Rejections share = rejections_under_the_null();
  print("paired t, share of comparisons rejected", share.paired_t);
  print("Wilcoxon, exact, share of comparisons rejected", share.wilcoxon);
  print("paired t, share of campaigns with any rejection", share.uncorrected);
  print("paired t and Holm, share of campaigns with any rejection", share.holm);
  EXPECT_NEAR(share.paired_t, kSignificanceLevel, kTolerance);
  EXPECT_NEAR(share.wilcoxon, kSignificanceLevel, kTolerance);
  EXPECT_NEAR(share.holm, kSignificanceLevel, kTolerance);
  EXPECT_GT(share.uncorrected, 0.15) << "there is nothing to correct for";
}

// Share of comparisons that are called equivalent within 1 % of perplexity.
double called_equivalent(std::uint64_t seed, double true_difference, double spread) {
  Simulation simulation(seed, true_difference, spread);
  double count = 0;
  for (int i = 0; i < kCampaigns; ++i) {
    for (const auto& differences : simulation.campaign()) {
      const Equivalence same = equivalence(paired_test(differences), margin_in_nats(0.01));
      count += *same.p < kSignificanceLevel ? 1 : 0;
    }
  }
  return count / (kCampaigns * kMethods);
}

TEST(NullSimulation, EquivalenceIsFoundWhereItIsAndRarelyWhereItIsNot) {
  const double margin = margin_in_nats(0.01);
  const double none = called_equivalent(1, 0, 0.004);
  const double at_margin = called_equivalent(2, margin, 0.004);
  const double below_margin = called_equivalent(3, -margin, 0.004);
  const double beyond = called_equivalent(4, 2 * margin, 0.004);
  const double too_noisy = called_equivalent(5, 0, 0.2);
  print("equivalent within 1 %: no difference", none);
  print("equivalent within 1 %: worse by 1 % exactly", at_margin);
  print("equivalent within 1 %: better by 1 % exactly", below_margin);
  print("equivalent within 1 %: worse by 2 %", beyond);
  print("equivalent within 1 %: no difference, documents too few", too_noisy);
  EXPECT_GT(none, 0.999);
  EXPECT_NEAR(at_margin, kSignificanceLevel, kTolerance);
  EXPECT_NEAR(below_margin, kSignificanceLevel, kTolerance);
  EXPECT_LT(beyond, 0.001);
  EXPECT_LT(too_noisy, 0.001);
}

}  // namespace
}  // namespace pressroom::null_simulation_test
