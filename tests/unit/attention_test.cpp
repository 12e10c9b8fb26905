#include "engine/attention/attention.h"

#include <gtest/gtest.h>

#include <cmath>

namespace pressroom::attention_test {
namespace {

using Vector = std::vector<float>;

struct Attended {
  Vector out, probability;
};

// `probability` starts from what is given and is added to.
Attended attended(const Vector& queries, const Vector& keys, const Vector& values,
                  std::int64_t head_dim, Vector probability) {
  Attended result;
  result.out.assign(queries.size(), 99);
  result.probability = std::move(probability);
  AttentionScratch scratch;
  attend(queries.data(), static_cast<std::int64_t>(queries.size()) / head_dim, keys.data(),
         values.data(), static_cast<std::int64_t>(keys.size()) / head_dim, head_dim,
         result.out.data(), result.probability.empty() ? nullptr : result.probability.data(),
         scratch);
  return result;
}

void expect_near(const Vector& got, const std::vector<double>& expected, double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], expected[i], tolerance) << i;
  }
}

TEST(Attention, OfOneEntryIsItsValue) {
  const Attended result = attended({3, -4}, {100, 7}, {0.5F, -2}, 2, {0});
  EXPECT_EQ(result.out, (Vector{0.5F, -2}));
  EXPECT_EQ(result.probability, (Vector{1}));
}

// d = 4, so logits are halved: q = (2 ln 3, 0, 0, 0) against keys e_0 and 0 gives ln 3 and 0,
// weights 3/4 and 1/4.
TEST(Attention, IsASoftmaxOfScaledProducts) {
  const auto log3 = static_cast<float>(2 * std::log(3.0));
  const Attended result =
      attended({log3, 0, 0, 0}, {1, 0, 0, 0, 0, 0, 0, 0}, {4, 0, 8, 1, 0, 4, 8, -1}, 4, {0, 0});
  expect_near(result.probability, {0.75, 0.25}, 1e-6);
  expect_near(result.out, {3, 1, 8, 0.5}, 1e-5);
}

// Two queries of a group over three equal keys and then over unequal ones.
TEST(Attention, AddsProbabilitiesOverTheGroupToWhatIsThere) {
  const auto log2 = static_cast<float>(std::log(2.0));
  const Vector keys = {1, 0, 0};  // d = 1
  const Attended result = attended({0, log2}, keys, {6, 12, 0}, 1, {10, 20, 30});
  expect_near(result.out, {6, 6.0 * 2 / 4 + 12.0 / 4}, 1e-5);
  expect_near(result.probability, {10 + 1.0 / 3 + 0.5, 20 + 1.0 / 3 + 0.25, 30 + 1.0 / 3 + 0.25},
              1e-5);
}

TEST(Attention, SurvivesLargeLogits) {
  const Attended result = attended({1000}, {90, 100, -100}, {1, 2, 3}, 1, {0, 0, 0});
  EXPECT_EQ(result.out, (Vector{2}));
  EXPECT_EQ(result.probability, (Vector{0, 1, 0}));
}

TEST(Attention, WithoutProbabilitiesIsTheSame) {
  const Vector queries = {0.5F, -1, 2, 0.25F};
  const Vector keys = {1, 2, -1, 0.5F, 0.25F, -2};
  const Vector values = {1, 2, 3, 4, 5, 6};
  EXPECT_EQ(attended(queries, keys, values, 2, {}).out,
            attended(queries, keys, values, 2, {0, 0, 0}).out);
}

TEST(Attention, RowsSumToOneAtAnyLength) {
  for (const std::int64_t entries : {1, 2, 7, 64, 1000}) {
    Vector keys;
    for (std::int64_t j = 0; j < entries * 8; ++j) {
      keys.push_back(static_cast<float>(std::sin(static_cast<double>(j))));
    }
    const Attended result = attended({1, -1, 2, 0, 1, 3, -2, 1}, keys, keys, 8,
                                     Vector(static_cast<std::size_t>(entries), 0));
    double sum = 0;
    for (const float p : result.probability) sum += p;
    EXPECT_NEAR(sum, 1, 1e-5) << entries;
  }
}

}  // namespace
}  // namespace pressroom::attention_test
