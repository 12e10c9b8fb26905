#include "engine/eviction/eviction.h"

#include <ATen/ATen.h>

#include <functional>
#include <limits>

#include "stream_test_support.h"

namespace pressroom::eviction_test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
const float kNaN = std::numeric_limits<float>::quiet_NaN();

EvictionPlan plan_of(std::int64_t sinks, std::int64_t recents) {
  EvictionPlan plan;
  plan.ranking = Ranking::kBirthScore;
  plan.sinks = sinks;
  plan.recents = recents;
  return plan;
}

TEST(Eviction, ProtectsSinksByPositionAndRecentsByRank) {
  struct Case {
    std::vector<std::int32_t> positions;
    std::int64_t sinks, recents, begin, end;
  };
  const std::vector<Case> cases = {
      {{0, 1, 2, 3, 4}, 0, 0, 0, 5},
      {{0, 1, 2, 3, 4}, 2, 0, 2, 5},
      {{0, 1, 2, 3, 4}, 0, 2, 0, 3},
      {{0, 1, 2, 3, 4}, 2, 2, 2, 3},
      {{0, 1, 2, 3, 4}, 2, 3, 2, 2},
      {{0, 1, 2, 3, 4}, 2, 9, 2, 2},
      {{0, 1, 2, 3, 4}, 9, 0, 5, 5},
      {{3, 5, 8, 9}, 4, 1, 1, 3},  // sink 0 .. 2 never came: only position 3 is left of the first 4
      {{4, 5, 8, 9}, 4, 0, 0, 4},
      {{}, 2, 2, 0, 0},
  };
  for (const Case& c : cases) {
    const IndexRange range = evictable(c.positions, c.sinks, c.recents);
    EXPECT_EQ(range.begin, c.begin) << c.sinks << " sinks, " << c.recents << " recents";
    EXPECT_EQ(range.end, c.end) << c.sinks << " sinks, " << c.recents << " recents";
  }
}

TEST(Eviction, DropsTheLowestAndOfEqualsTheOldest) {
  struct Case {
    std::vector<float> scores;
    IndexRange range;
    std::int64_t count;
    Indices leaving;
  };
  const std::vector<Case> cases = {
      {{3, 1, 2}, {0, 3}, 1, {1}},
      {{3, 1, 2}, {0, 3}, 2, {1, 2}},
      {{3, 1, 2}, {0, 3}, 3, {0, 1, 2}},
      {{5, 5, 5, 5}, {0, 4}, 1, {0}},  // ties: the newer stays
      {{5, 5, 5, 5}, {0, 4}, 3, {0, 1, 2}},
      {{9, 1, 7, 1, 1}, {0, 5}, 1, {1}},
      {{9, 1, 7, 1, 1}, {0, 5}, 2, {1, 3}},
      {{9, 1, 7, 1, 1}, {0, 5}, 4, {1, 2, 3, 4}},
      {{0, 4, 3, 0}, {1, 3}, 1, {2}},        // protected entries are lower and stay
      {{kNaN, 4, 3, kNaN}, {1, 3}, 1, {2}},  // and their scores do not matter
      {{0.0F, -0.0F, 1}, {0, 3}, 1, {0}},    // zeros are equal whatever their sign
      {{0.0F, -0.0F, 1}, {0, 3}, 2, {0, 1}},
      {{1, -kInfinity, 2}, {0, 3}, 1, {1}},
      {{kInfinity, kInfinity}, {0, 2}, 1, {0}},
      {{-kInfinity, -kInfinity, -kInfinity}, {0, 3}, 2, {0, 1}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(lowest_ranked(c.scores, c.range, c.count, "here"), c.leaving)
        << ::testing::PrintToString(c.scores) << ", count " << c.count;
  }
}

// By a plain sort of (score, index), with few different scores so that ties are everywhere.
TEST(Eviction, AgreesWithAPlainSort) {
  for (std::int64_t round = 0; round < 200; ++round) {
    const RandomKey random = RandomKey(11).with(round);
    const auto size = static_cast<std::int64_t>(2 + random.with("size").bits() % 30);
    std::vector<float> scores;
    for (std::int64_t j = 0; j < size; ++j) {
      scores.push_back(static_cast<float>(random.with(j).bits() % 5));
    }
    const auto begin = static_cast<std::int64_t>(random.with("begin").bits() % (size / 2));
    const IndexRange range = {begin, size - 1};
    for (std::int64_t count = 1; count <= range.end - begin; ++count) {
      std::vector<std::pair<float, std::int64_t>> order;
      for (std::int64_t j = begin; j < range.end; ++j) order.emplace_back(scores[j], j);
      std::sort(order.begin(), order.end());
      Indices expected;
      for (std::int64_t i = 0; i < count; ++i) expected.push_back(order[i].second);
      std::sort(expected.begin(), expected.end());
      EXPECT_EQ(lowest_ranked(scores, range, count, "here"), expected);
    }
  }
}

TEST(Eviction, RefusesNaNAndNamesThePlace) {
  const std::vector<float> scores = {1, 2, kNaN, 4};
  for (const std::int64_t count : {1, 2}) {
    const Problem problem = problem_of([&] {
      lowest_ranked(scores, {0, 4}, count, "layer 3, kv head 1, step 17");
    });
    EXPECT_EQ(problem.where, "layer 3, kv head 1, step 17, cache index 2");
    EXPECT_EQ(problem.got, "NaN");
  }
}

// What check_budget rules out beforehand is a bug, never a read past the end.
TEST(Eviction, TakesNoMoreThanThereAre) {
  const std::vector<float> scores = {1, 2, 3, 4};
  EXPECT_THROW(lowest_ranked(scores, {1, 3}, 3, "here"), std::logic_error);
  EXPECT_THROW(lowest_ranked(scores, {2, 2}, 1, "here"), std::logic_error);
  EXPECT_THROW(lowest_ranked(scores, {0, 4}, 0, "here"), std::logic_error);
}

TEST(Eviction, TurnsWhatStaysIntoWhatLeaves) {
  struct Case {
    Indices kept;
    IndexRange range;
    Indices leaving;
  };
  const std::vector<Case> cases = {
      {{0, 1, 2, 3, 4}, {0, 5}, {}}, {{1, 2, 3}, {0, 5}, {0, 4}},   {{0, 4}, {1, 4}, {1, 2, 3}},
      {{2}, {0, 5}, {0, 1, 3, 4}},   {{}, {0, 5}, {0, 1, 2, 3, 4}}, {{0, 1, 3, 4}, {2, 3}, {2}},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(complement(at::tensor(c.kept, at::kLong), 5, c.range, "here"), c.leaving)
        << ::testing::PrintToString(c.kept);
  }
  const at::Tensor strided = at::arange(10, at::kLong).slice(0, 0, 5, 2);
  EXPECT_EQ(complement(strided, 5, {0, 5}, "here"), (Indices{1, 3}));
}

TEST(Eviction, RefusesKeepDecisionsThatAreNone) {
  struct Case {
    at::Tensor kept;
    std::string what, got;
  };
  const auto indices = [](const Indices& values) { return at::tensor(values, at::kLong); };
  const std::vector<Case> cases = {
      {at::Tensor(), "no index vector", "another shape"},
      {at::ones({5}, at::kBool), "no index vector", "dtype"},
      {at::arange(5, at::kInt), "no index vector", "dtype"},
      {at::arange(5, at::kFloat), "no index vector", "dtype"},
      {at::arange(4, at::kLong).view({2, 2}), "no index vector", "shape"},
      {indices({1, 1, 2}), "impossible indices", "1 after 1"},
      {indices({1, 3, 2}), "impossible indices", "2 after 3"},
      {indices({-1, 2}), "impossible indices", "-1 after -1"},
      {indices({1, 5}), "impossible indices", "5 after 1"},
      {indices({0, 2, 3}), "dropped a protected entry", "cache index 4 dropped"},
      {indices({1, 2, 4}), "dropped a protected entry", "cache index 0 dropped"},
      {indices({}), "dropped a protected entry", "cache index 0 dropped"},
  };
  for (const Case& c : cases) {
    const Problem problem = problem_of([&] { complement(c.kept, 5, {1, 4}, "layer 0"); });
    EXPECT_TRUE(has(problem.what, c.what)) << problem.text();
    EXPECT_TRUE(has(problem.got, c.got)) << problem.text();
    EXPECT_EQ(problem.where, "layer 0");
    EXPECT_TRUE(has(problem.expected, "below 5")) << problem.text();
  }
}

TEST(Eviction, AsksForRoomBesideWhatIsProtected) {
  struct Case {
    std::int64_t sinks, recents, least;
  };
  for (const Case& c :
       std::vector<Case>{{0, 0, 1}, {0, 2, 2}, {4, 0, 5}, {0, 3, 3}, {4, 3, 7}, {0, 1, 1}}) {
    const EvictionPlan plan = plan_of(c.sinks, c.recents);
    EXPECT_NO_THROW(check_budget(plan, c.least, "m"));
    const Problem problem = problem_of([&] { check_budget(plan, c.least - 1, "h2o"); });
    EXPECT_EQ(problem.where, "h2o");
    const auto entries = [](std::int64_t count) {
      return std::to_string(count) + (count == 1 ? " entry" : " entries");
    };
    EXPECT_TRUE(has(problem.expected, "at least " + entries(c.least) + " (")) << problem.text();
    EXPECT_EQ(problem.got, entries(c.least - 1));
  }
  EXPECT_NO_THROW(check_budget(EvictionPlan(), 0, "dense"));
}

TEST(CheckedPlan, RefusesWhatCannotBePlanned) {
  struct Case {
    const char* what;
    std::function<void(EvictionPlan&)> spoil;
  };
  constexpr std::int64_t kHuge = std::numeric_limits<std::int64_t>::max();
  const std::vector<Case> cases = {
      {"interval in", [](EvictionPlan& plan) { plan.interval = 0; }},
      {"interval in", [](EvictionPlan& plan) { plan.interval = kHuge; }},
      {"sinks in", [](EvictionPlan& plan) { plan.sinks = -1; }},
      {"sinks in", [](EvictionPlan& plan) { plan.sinks = kHuge; }},
      {"recents in", [](EvictionPlan& plan) { plan.recents = -100000000; }},
      {"query_window in", [](EvictionPlan& plan) { plan.needs.query_window = -1; }},
      {"EvictionPlan::signal set", [](EvictionPlan& plan) { plan.ranking = Ranking::kSignal; }},
  };
  for (const Case& c : cases) {
    TestMethod method(Ranking::kBirthScore);
    EXPECT_NO_THROW(checked_plan(method, 10, "m"));
    c.spoil(method.eviction_plan);
    const Problem problem = problem_of([&] { checked_plan(method, 10, "m"); });
    EXPECT_TRUE(has(problem.what, "method \"m\"")) << problem.text();
    EXPECT_TRUE(has(problem.expected, c.what)) << problem.text();
  }
}

TEST(CheckedPlan, MakesAnErrorOfWhateverPlanningThrows) {
  struct Throwing : Method {
    PluginInfo describe() const override { return {}; }
    EvictionPlan plan(std::int64_t) const override { throw 3; }
  };
  EXPECT_TRUE(has(problem_of([] { checked_plan(Throwing(), 10, "m"); }).what, "method \"m\""));
}

}  // namespace
}  // namespace pressroom::eviction_test
