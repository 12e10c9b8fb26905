#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <vector>

#include "campaign/calibration/calibration_runs.h"

namespace pressroom::match_budget_test {
namespace {

// Budgets that were tried, and what the search made of them.
struct Search {
  MatchSearch search;
  std::vector<std::int64_t> tried;

  Search(double target, double tolerance, std::int64_t least, std::int64_t most,
         std::int64_t guess) {
    search.target = target;
    search.tolerance = tolerance;
    search.least = least;
    search.most = most;
    search.guess = guess;
    search.tokens = static_cast<double>(most);
  }
  MatchedBudget run(const std::function<double(std::int64_t)>& kept) {
    tried.clear();
    return match_budget(search, [&](std::int64_t budget) {
      tried.push_back(budget);
      return kept(budget);
    });
  }
};

TEST(MatchBudget, TakesOneRunWhereAHeadKeepsItsBudget) {
  Search search(0.4321, 0.01, 1, 512, 221);
  const MatchedBudget found =
      search.run([](std::int64_t b) { return static_cast<double>(b) / 512; });
  EXPECT_EQ(found.budget_tokens, 221);
  EXPECT_EQ(found.runs, 1);
  EXPECT_EQ(found.kept, 221.0 / 512);
  EXPECT_TRUE(found.in_reach);
}

TEST(MatchBudget, FindsTheClosestBudgetWithoutATolerance) {
  // Between 221 / 512 = 0.43164 and 222 / 512 = 0.43359 the middle is 0.432617.
  for (const auto& [target, budget] :
       {std::pair{0.4326, 221}, std::pair{0.4327, 222}, std::pair{0.4317, 221}}) {
    for (const std::int64_t guess : {1, 200, 222, 512, 900, -7}) {
      Search search(target, 0, 1, 512, guess);
      const MatchedBudget found =
          search.run([](std::int64_t b) { return static_cast<double>(b) / 512; });
      EXPECT_EQ(found.budget_tokens, budget) << target << " from " << guess;
      EXPECT_TRUE(found.in_reach);
      EXPECT_LE(found.runs, 3) << target << " from " << guess;
      EXPECT_EQ(found.runs, static_cast<std::int64_t>(search.tried.size()));
    }
  }
}

TEST(MatchBudget, GoesOnByHalvesWhereStepsMislead) {
  // Monotone, and nothing like proportional to the budget.
  const std::vector<std::function<double(std::int64_t)>> courses = {
      [](std::int64_t b) { return std::sqrt(static_cast<double>(b) / 8192); },
      [](std::int64_t b) { return std::pow(static_cast<double>(b) / 8192, 4); },
      [](std::int64_t b) { return b < 5000 ? 0.1 : 0.9; },
      [](std::int64_t b) { return std::floor(static_cast<double>(b) / 512) / 16; }};
  for (std::size_t i = 0; i < courses.size(); ++i) {
    Search search(0.3, 0, 1, 8192, 2458);
    const MatchedBudget found = search.run(courses[i]);
    EXPECT_LE(found.runs, 17) << i;
    double best = 1;
    for (std::int64_t b = 1; b <= 8192; ++b) best = std::min(best, std::abs(courses[i](b) - 0.3));
    EXPECT_EQ(std::abs(found.kept - 0.3), best) << i;
    EXPECT_EQ(found.kept, courses[i](found.budget_tokens)) << i;
    EXPECT_EQ(std::set<std::int64_t>(search.tried.begin(), search.tried.end()).size(),
              search.tried.size())
        << i << ": a budget was run twice";
  }
}

TEST(MatchBudget, SaysWhenTheTargetIsOutOfReach) {
  const auto proportional = [](std::int64_t b) { return static_cast<double>(b) / 100; };
  Search low(0.1, 0.02, 40, 100, 10);
  const MatchedBudget least = low.run(proportional);
  EXPECT_FALSE(least.in_reach);
  EXPECT_EQ(least.budget_tokens, 40);
  EXPECT_EQ(least.kept, 0.4);
  Search high(0.9, 0.02, 1, 100, 90);
  const MatchedBudget most = high.run([](std::int64_t b) { return static_cast<double>(b) / 200; });
  EXPECT_FALSE(most.in_reach);
  EXPECT_EQ(most.budget_tokens, 100);
  EXPECT_EQ(most.kept, 0.5);
}

TEST(MatchBudget, HasOneBudgetToOfferWhereThereIsOne) {
  Search search(0.5, 0.01, 8, 8, 3);
  EXPECT_TRUE(search.run([](std::int64_t) { return 0.505; }).in_reach);
  EXPECT_FALSE(search.run([](std::int64_t) { return 0.6; }).in_reach);
  EXPECT_EQ(search.tried, (std::vector<std::int64_t>{8}));
}

}  // namespace
}  // namespace pressroom::match_budget_test
