#include "bench/mean_interval.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

namespace pressroom::mean_interval_test {
namespace {

// Quantiles of Student's t at 0.975, as of scipy.stats.t.ppf.
TEST(MeanInterval, IsThatOfStudentsT) {
  const struct {
    std::vector<double> runs;
    double mean, sd, t;
  } cases[] = {{{4, 6}, 5, 1.4142135623730951, 12.706204736174698},
               {{1, 2, 3}, 2, 1, 4.302652729749464},
               {{2, 4, 4, 6}, 4, 1.6329931618554521, 3.182446305284263},
               {{10, 12, 14, 16, 18}, 14, 3.1622776601683795, 2.7764451051977987},
               {{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 5.5, 3.0276503540974917, 2.2621571627982036}};
  for (const auto& example : cases) {
    const MeanInterval interval = mean_interval(example.runs);
    const double half =
        example.t * example.sd / std::sqrt(static_cast<double>(example.runs.size()));
    EXPECT_DOUBLE_EQ(interval.mean, example.mean);
    ASSERT_TRUE(interval.sd && interval.ci95);
    EXPECT_NEAR(*interval.sd, example.sd, 1e-12);
    EXPECT_NEAR(interval.ci95->low, example.mean - half, 1e-10);
    EXPECT_NEAR(interval.ci95->high, example.mean + half, 1e-10);
    EXPECT_TRUE(interval.is_within(half / example.mean * 1.000001));
    EXPECT_FALSE(interval.is_within(half / example.mean * 0.999999));
  }
}

TEST(MeanInterval, OfOneRunIsUnknownAndOfEqualRunsEmpty) {
  const MeanInterval one = mean_interval({7});
  EXPECT_EQ(one.mean, 7);
  EXPECT_FALSE(one.sd || one.ci95);
  EXPECT_FALSE(one.is_within(0.99));
  const MeanInterval equal = mean_interval({7, 7, 7});
  EXPECT_EQ(*equal.sd, 0);
  EXPECT_TRUE(equal.is_within(1e-9));
}

TEST(MeanInterval, SettlesARunOnceItIsNarrowOrRunAsOftenAsMayBe) {
  const struct {
    std::vector<double> runs;
    double part;
    std::int64_t most;
    bool settled;
  } cases[] = {{{}, 0.5, 10, false},
               {{5}, 0.5, 10, false},
               {{5}, 0.5, 1, true},
               {{5, 5}, 0.5, 10, false},  // narrow, by two alone
               {{5, 5}, 0.5, 2, true},
               {{99, 100, 101}, 0.0249, 10, true},  // half of the interval: 2.484
               {{99, 100, 101}, 0.0248, 10, false},
               {{99, 100, 101}, 0.0248, 3, true}};
  for (const auto& example : cases) {
    EXPECT_EQ(is_settled(example.runs, example.part, example.most), example.settled)
        << example.runs.size() << " " << example.part << " " << example.most;
  }
}

TEST(ShuffledOrder, HoldsEveryPlaceOnceAndIsTheSeeds) {
  for (const std::size_t count : {0U, 1U, 2U, 7U, 40U}) {
    const std::vector<std::size_t> order = shuffled_order(count, RandomKey(3));
    const std::set<std::size_t> places(order.begin(), order.end());
    EXPECT_EQ(order.size(), count);
    EXPECT_EQ(places.size(), count);
    EXPECT_TRUE(count == 0 || *places.rbegin() == count - 1);
    EXPECT_EQ(order, shuffled_order(count, RandomKey(3)));
  }
  EXPECT_NE(shuffled_order(40, RandomKey(3)), shuffled_order(40, RandomKey(4)));
}

// 6 orders of 3 over 6000 seeds: 1000 of each, with a standard deviation of 29.
TEST(ShuffledOrder, MakesEveryOrderAsLikely) {
  std::map<std::vector<std::size_t>, int> seen;
  for (int seed = 0; seed < 6000; ++seed) ++seen[shuffled_order(3, RandomKey(5).with(seed))];
  EXPECT_EQ(seen.size(), 6U);
  for (const auto& [order, times] : seen) EXPECT_NEAR(times, 1000, 150);
}

}  // namespace
}  // namespace pressroom::mean_interval_test
