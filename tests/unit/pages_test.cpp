// Which pages leave, worked out by hand.
#include "engine/eviction/pages.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "engine/cache/eviction_log.h"
#include "pressroom/error.h"

namespace pressroom::pages_test {
namespace {

struct Case {
  const char* what;
  std::vector<std::int32_t> positions;
  std::vector<float> scores;
  PageRule rule;
  Indices leaving;
};

PageRule rule_of(std::int64_t page, IndexRange evictable, std::int64_t next, std::int64_t held,
                 bool drops_unwanted = false) {
  PageRule rule;
  rule.page_tokens = page;
  rule.evictable = evictable;
  rule.next_position = next;
  rule.most_held = held;
  rule.drops_unwanted = drops_unwanted;
  return rule;
}

TEST(Pages, LeaveWholeByTheirMean) {
  const std::vector<Case> cases = {
      // Means 2.5, 2, 3: the second page has the best entry and the lowest mean.
      {"the lowest mean", {0, 1, 2, 3, 4, 5}, {2, 3, 4, 0, 3, 3}, rule_of(2, {0, 6}, 6, 4), {2, 3}},
      // The example of docs/protocol.md.
      {"not the entry with the lowest score",
       {0, 1, 2, 3, 4},
       {5, 1, 2, 3, 0},
       rule_of(2, {0, 5}, 5, 4),
       {2, 3}},
      {"of equal means the older", {0, 1, 2, 3}, {1, 3, 2, 2}, rule_of(2, {0, 4}, 4, 2), {0, 1}},
      {"as many as it takes",
       {0, 1, 2, 3, 4, 5},
       {5, 5, 1, 1, 2, 2},
       rule_of(2, {0, 6}, 6, 3),
       {2, 3, 4, 5}},
      {"nothing within the budget", {0, 1, 2, 3}, {1, 1, 2, 2}, rule_of(2, {0, 4}, 4, 4), {}},
      // Entry 0 is a sink, so its page stays though it is the lowest.
      {"a page with a sink stays", {0, 1, 2, 3}, {0, 0, 9, 9}, rule_of(2, {1, 4}, 4, 2), {2, 3}},
      {"a page with a recent stays",
       {0, 1, 2, 3, 4, 5},
       {9, 9, 8, 8, 0, 0},
       rule_of(2, {0, 5}, 6, 4),
       {2, 3}},
      {"a page that fills up stays",
       {0, 1, 2, 3, 4},
       {9, 9, 8, 8, 0},
       rule_of(2, {0, 5}, 5, 4),
       {2, 3}},
      // Pages 1 and 3 of 4 tokens: 4 .. 7 and 12 .. 15.
      {"pages are of positions, not of what is held",
       {4, 5, 6, 7, 12, 13, 14, 15, 16},
       {2, 2, 2, 2, 1, 1, 1, 1, 0},
       rule_of(4, {0, 9}, 17, 8),
       {4, 5, 6, 7}},
      {"pages of one token are entries", {3, 7, 9}, {2, 1, 3}, rule_of(1, {0, 3}, 10, 2), {1}},
      {"unwanted pages leave below the budget, too",
       {0, 1, 2, 3, 4, 5},
       {1, 0, 0, 0, 1, 1},
       rule_of(2, {0, 6}, 6, 6, true),
       {2, 3}},
      {"of wanted pages the least wanted leave, above it",
       {0, 1, 2, 3, 4, 5},
       {1, 1, 0, 1, 0, 0},
       rule_of(2, {0, 6}, 6, 2, true),
       {2, 3, 4, 5}},
  };
  for (const Case& c : cases) {
    const LeavingEntries leaving = leaving_pages(c.positions, c.scores, c.rule, "here");
    EXPECT_EQ(leaving.indices, c.leaving) << c.what;
    EXPECT_EQ(leaving.ranks.size(), c.scores.size()) << c.what;
  }
}

TEST(Pages, EntriesAreRankedByTheMeanOfTheirPage) {
  const LeavingEntries leaving =
      leaving_pages({0, 1, 2, 3, 4}, {1, 2, 3, 5, 7}, rule_of(2, {0, 5}, 5, 3), "here");
  EXPECT_EQ(leaving.ranks, (std::vector<float>{1.5F, 1.5F, 4, 4, 7}));
}

TEST(Pages, RefuseANaNWhereItWouldRank) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THROW(leaving_pages({0, 1, 2, 3}, {1, nan, 2, 2}, rule_of(2, {0, 4}, 4, 2), "here"),
               Error);
  EXPECT_NO_THROW(leaving_pages({0, 1, 2, 3}, {1, nan, 2, 2}, rule_of(2, {2, 4}, 4, 2), "here"));
}

TEST(Pages, HeadsAreRankedByTheirMean) {
  EXPECT_EQ(mean_over_heads({{1, 2, 3}, {3, 2, -1}}), (std::vector<float>{2, 2, 1}));
}

// Of pages of 3: 0 .. 2 is free once 1 has left after token 4, 3 .. 5 once 5 has, after token 6;
// 6 and 7 lie in a page that still fills up, whatever has left it.
TEST(Pages, MemoryIsFreedByThePage) {
  EvictionLog log(8);
  log.leaves(0, 3, 0);
  log.leaves(2, 3, 0);
  log.leaves(1, 4, 0);
  log.leaves(3, 4, 0);
  log.leaves(4, 5, 0);
  log.leaves(5, 6, 0);
  log.leaves(6, 7, 0);
  Schedule schedule;
  for (std::int64_t t = 0; t < 8; ++t) schedule.steps.push_back({t, t + 1, true});
  EXPECT_EQ(log.sizes(schedule), (std::vector<std::int64_t>{1, 2, 3, 2, 1, 1, 1, 1}));
  EXPECT_EQ(log.sizes_in_pages(schedule, 3), (std::vector<std::int64_t>{1, 2, 3, 4, 2, 3, 1, 2}));
}

}  // namespace
}  // namespace pressroom::pages_test
