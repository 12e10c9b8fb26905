#include "model/rotary.h"

#include <gtest/gtest.h>

#include <cmath>

namespace pressroom::rotary_test {
namespace {

using Vector = std::vector<float>;

Vector rotated(const RotaryTable& table, const Vector& x, std::int64_t position) {
  Vector out(x.size());
  table.rotate(x.data(), position, out.data());
  return out;
}

double dot(const Vector& a, const Vector& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

TEST(Rotary, LeavesPositionZeroAlone) {
  const Vector x = {1, -2, 3, 0.5F, 7, -0.25F};
  EXPECT_EQ(rotated(RotaryTable(6, {1, 0.1F, 0.01F}, 1), x, 0), x);
}

// Of d = 4 channels, 0 turns with 2 by position * 1, and 1 with 3 by position * 0.1.
TEST(Rotary, TurnsChannelsHalfAWidthApart) {
  const RotaryTable table(4, {1, 0.1F}, 8);
  for (const std::int64_t position : {1, 3, 7}) {
    const double fast = static_cast<double>(position);
    const double slow = fast / 10;
    const Vector first = rotated(table, {1, 0, 0, 0}, position);
    const Vector second = rotated(table, {0, 0, 0, 1}, position);
    const std::vector<double> first_by_hand = {std::cos(fast), 0, std::sin(fast), 0};
    const std::vector<double> second_by_hand = {0, -std::sin(slow), 0, std::cos(slow)};
    for (std::size_t i = 0; i < 4; ++i) {
      EXPECT_NEAR(first[i], first_by_hand[i], 1e-6) << position << ", channel " << i;
      EXPECT_NEAR(second[i], second_by_hand[i], 1e-6) << position << ", channel " << i;
    }
  }
}

TEST(Rotary, KeepsNorms) {
  const Vector x = {1, -2, 3, 0.5F, 7, -0.25F, 0.125F, 2};
  const RotaryTable table(8, {1, 0.1F, 0.01F, 0.001F}, 600);
  for (const std::int64_t position : {1, 17, 599}) {
    const Vector turned = rotated(table, x, position);
    EXPECT_NEAR(dot(turned, turned), dot(x, x), 1e-4) << position;
  }
}

// What rotation is for: the product of query and key knows only how far apart they are.
TEST(Rotary, MakesProductsDependOnDistanceAlone) {
  const Vector query = {1, -2, 3, 0.5F};
  const Vector key = {0.25F, 1, -1, 2};
  const RotaryTable table(4, {1, 0.04F}, 100);
  for (const std::int64_t distance : {0, 1, 30}) {
    const double near = dot(rotated(table, query, distance), rotated(table, key, 0));
    const double far = dot(rotated(table, query, 60 + distance), rotated(table, key, 60));
    EXPECT_NEAR(near, far, 1e-4) << distance;
  }
}

// Of d = 6 channels the first 4 are rotated: 0 with 2, 1 with 3.
TEST(Rotary, LeavesTheChannelsBehindTheRotatedOnesAlone) {
  const Vector turned = rotated(RotaryTable(6, {1, 0.1F}, 4), {1, 0, 0, 0, 5, -7}, 3);
  EXPECT_NEAR(turned[0], std::cos(3.0), 1e-6);
  EXPECT_NEAR(turned[2], std::sin(3.0), 1e-6);
  EXPECT_EQ(turned[4], 5);
  EXPECT_EQ(turned[5], -7);
}

TEST(Rotary, RotatesInPlace) {
  const RotaryTable table(4, {1, 0.01F}, 6);
  Vector x = {1, -2, 3, 0.5F};
  const Vector expected = rotated(table, x, 5);
  table.rotate(x.data(), 5, x.data());
  EXPECT_EQ(x, expected);
}

}  // namespace
}  // namespace pressroom::rotary_test
