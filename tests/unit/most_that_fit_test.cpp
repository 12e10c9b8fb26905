// How much fits into a length: pressroom/most_that_fit.h.
#include "pressroom/most_that_fit.h"

#include <gtest/gtest.h>

#include <cmath>

namespace pressroom {
namespace {

using TokensOf = std::int64_t (*)(std::size_t count);

// What trying every count from the least on finds: the last one before the first that is too long.
std::optional<std::size_t> by_trying(std::size_t least, std::size_t most, std::int64_t limit,
                                     TokensOf tokens_of) {
  std::optional<std::size_t> found;
  for (std::size_t count = least; count <= most && tokens_of(count) <= limit; ++count) {
    found = count;
  }
  return found;
}

const std::vector<TokensOf> kGrowing = {
    [](std::size_t count) { return static_cast<std::int64_t>(40 * count + 300); },
    [](std::size_t count) { return static_cast<std::int64_t>(count); },
    [](std::size_t count) { return static_cast<std::int64_t>(count * count / 3); },
    [](std::size_t count) { return static_cast<std::int64_t>(10 * std::sqrt(count)); },
    [](std::size_t count) { return static_cast<std::int64_t>(count / 7 * 7); },
    [](std::size_t count) { return static_cast<std::int64_t>(count < 500 ? 1 : 1000000); }};

TEST(MostThatFit, IsTheLargestCountThatIsNotTooLong) {
  for (std::size_t f = 0; f < kGrowing.size(); ++f) {
    for (const std::int64_t limit : {0, 1, 7, 299, 300, 339, 340, 1000, 4096, 9999}) {
      for (const std::size_t least : {0U, 1U, 5U}) {
        for (const std::size_t most : {5U, 60U, 200000U}) {
          EXPECT_EQ(most_that_fit(least, most, limit, kGrowing[f]),
                    by_trying(least, most, limit, kGrowing[f]))
              << "function " << f << ", limit " << limit << ", " << least << " to " << most;
        }
      }
    }
  }
}

TEST(MostThatFit, AsksForFewCounts) {
  for (const TokensOf tokens_of : kGrowing) {
    int asked = 0;
    most_that_fit(1, std::size_t{1} << 40, 4096, [&](std::size_t count) {
      ++asked;
      return tokens_of(count);
    });
    EXPECT_LE(asked, 45);
  }
}

// Texts with one line more can have fewer tokens.
TEST(MostThatFit, StopsBeforeACountThatIsTooLongWhereTokensGoUpAndDown) {
  const auto tokens_of = [](std::size_t count) {
    return static_cast<std::int64_t>(10 * count + count * 7919 % 31);
  };
  for (std::int64_t limit = 50; limit < 3000; limit += 13) {
    const std::optional<std::size_t> count = most_that_fit(1, 100000, limit, tokens_of);
    ASSERT_TRUE(count.has_value());
    EXPECT_LE(tokens_of(*count), limit);
    EXPECT_GT(tokens_of(*count + 1), limit);
  }
}

}  // namespace
}  // namespace pressroom
