// Scorers after the presses of kvpress: small examples by hand, and caches too small for windows,
// sinks and partitions.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "fake_layer_view.h"
#include "table_head.h"

namespace pressroom::kvpress_scorer_edges_test {
namespace {

using Given = std::map<std::string, ParameterValue>;

std::int64_t count(std::int64_t value) { return value; }

at::Tensor matrix(const std::vector<std::vector<double>>& rows) {
  std::vector<at::Tensor> stacked;
  for (const std::vector<double>& row : rows) stacked.push_back(at::tensor(row));
  return at::stack(stacked);
}

std::vector<double> scored(const std::string& method, const Given& given, const HeadView& head,
                           const RandomKey& random = RandomKey(1)) {
  PolicyContext context = golden_context(8);
  context.random = random;
  return doubles(golden_method(method, given)->make_policy(context)->score(head));
}

void expect_near(const std::vector<double>& got, const std::vector<double>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], 1e-6) << i;
}

TEST(KvpressScorers, AnswerForEveryCacheSize) {
  const std::vector<std::pair<std::string, Given>> methods = {
      {"snapkv", {}},
      {"snapkv", {{"window_size", count(3)}, {"kernel_size", count(7)}}},
      {"tova", {}},
      {"keydiff", {}},
      {"lagkv", {}},
      {"lagkv", {{"n_sink", count(1)}, {"lag_size", count(2)}}},
      {"lagkv", {{"n_sink", count(0)}, {"lag_size", count(1)}, {"cross_scoring", true}}},
      {"expected_attention", {}},
      {"cur", {}},
      {"cur", {{"use_random_leverage", true}, {"num_sinks", count(0)}}},
      {"finch", {}},
      {"finch", {{"window_size", count(2)}, {"normalize_scores", false}}},
  };
  for (const auto& [name, given] : methods) {
    const auto method = golden_method(name, given);
    for (std::int64_t tokens = 1; tokens <= 20; ++tokens) {
      SCOPED_TRACE(name + ", " + std::to_string(tokens) + " tokens");
      for (const std::vector<double>& row : golden_scores(*method, 8, tokens, false)) {
        ASSERT_EQ(row.size(), static_cast<std::size_t>(tokens));
        for (const double score : row) EXPECT_TRUE(std::isfinite(score));
      }
    }
  }
}

// Queries of zeros spread their attention evenly. Seven entries, of which the window is one: 1/7
// each, and at either end of the six a third of the kernel meets nothing.
TEST(SnapKv, CountsPlacesBeyondTheEndsAsZeros) {
  TableHead head(at::eye(7, 4));
  head.last_queries = at::zeros({2, 1, 4});
  const double whole = 1.0 / 7;
  const double edge = 2.0 / 21;
  const Given given = {{"window_size", count(1)}, {"kernel_size", count(3)}};
  expect_near(scored("snapkv", given, head), {edge, whole, whole, whole, whole, edge, 0});
}

// Even attention again: the rows of three queries are 1/3, 1/4, 1/5, with 2, 3 and 4 entries
// before each.
TEST(Finch, WeighsAQueryByTheEntriesBeforeIt) {
  TableHead head(at::eye(5, 4));
  head.last_queries = at::zeros({2, 3, 4});
  const double weighed = (2.0 / 3 + 3.0 / 4 + 4.0 / 5) / 3;
  const double plain = (1.0 / 3 + 1.0 / 4 + 1.0 / 5) / 3;
  const Given given = {{"window_size", count(3)}};
  expect_near(scored("finch", given, head), {weighed, weighed, 0, 0, 0});
  Given without = given;
  without["normalize_scores"] = false;
  expect_near(scored("finch", without, head), {plain, plain, 0, 0, 0});
}

TEST(Finch, ClosesPositionsUpUnlessToldOtherwise) {
  EXPECT_EQ(golden_method("finch")->plan(100).positions, Positions::kCacheIndex);
  EXPECT_EQ(golden_method("finch", {{"rerotate_keys", false}})->plan(100).positions,
            Positions::kOriginal);
}

// Directions (1,0), (0,1), (1,0): the anchor points to (2,1).
TEST(KeyDiff, ScoresByTheAngleToTheMeanDirection) {
  const TableHead head(matrix({{3, 0}, {0, 0.5}, {1, 0}}));
  const double root = std::sqrt(5.0);
  expect_near(scored("keydiff", {}, head), {-2 / root, -1 / root, -2 / root});
}

TEST(KeyDiff, GivesKeysOfZerosNoDirection) {
  expect_near(scored("keydiff", {}, TableHead(at::zeros({2, 4}))), {0, 0});
  expect_near(scored("keydiff", {}, TableHead(matrix({{0, 0}, {2, 0}}))), {0, -1});
}

// One sink, partitions {1,2} and {3,4}, the last entry over. Channel ranges of the second
// partition: [0,2] and [0,4]; entry 1 stands at (0.5, 0.5), entry 2 at (1, 0).
TEST(LagKv, RanksByTheSpreadWithinTheRangesOfTheNextPartition) {
  const TableHead head(matrix({{9, 9}, {1, 2}, {2, 0}, {0, 4}, {2, 0}, {5, 5}}));
  Given given = {{"n_sink", count(1)}, {"lag_size", count(2)}};
  expect_near(scored("lagkv", given, head), {1, 0, 0.5, 1, 1, 1});
  given["cross_scoring"] = true;
  const double share = 1 / (1 + std::exp(std::sqrt(0.5)));
  expect_near(scored("lagkv", given, head), {1, share, 1 - share, 1, 1, 1});
}

// The second channel is constant in the next partition, where the reference divides by zero; the
// first alone decides. Entries 1 and 2 are then equal, and the newer ranks higher.
TEST(LagKv, LeavesOutAChannelWithoutARange) {
  const TableHead head(matrix({{9, 9}, {1, 2}, {1, 7}, {0, 3}, {2, 3}}));
  const Given given = {{"n_sink", count(1)}, {"lag_size", count(2)}};
  expect_near(scored("lagkv", given, head), {1, 0, 0.5, 1, 1});
}

// Squared norms of keys 1, 4 | 9, 0 and of values 1, 1 | 2, 2; windows of two.
TEST(Cur, MultipliesTheSharesOfKeyAndValueInTheirWindow) {
  const TableHead head(matrix({{1, 0}, {0, 2}, {3, 0}, {0, 0}}),
                       matrix({{1, 0}, {0, 1}, {1, 1}, {-1, 1}}));
  Given given = {{"num_sinks", count(0)}, {"local_window_size", count(2)}};
  expect_near(scored("cur", given, head), {0.1, 0.4, 0.5, 0});
  given["leverage_type"] = std::string("key");
  expect_near(scored("cur", given, head), {0.1, 0.4, 0.5, 0});
  given["use_local_approximation"] = false;
  expect_near(scored("cur", given, head), {1.0 / 14, 4.0 / 14, 9.0 / 14, 0});
}

TEST(Cur, GivesAWindowOfZerosNothing) {
  const Given given = {{"num_sinks", count(0)}, {"local_window_size", count(2)}};
  expect_near(scored("cur", given, TableHead(at::zeros({3, 2}))), {0, 0, 0});
}

TEST(Cur, DrawsItsProjectionsFromTheContext) {
  const TableHead head(at::arange(24, at::kDouble).sin().view({6, 4}));
  const Given given = {{"use_random_leverage", true}, {"num_sinks", count(0)}};
  EXPECT_EQ(scored("cur", given, head, RandomKey(3)), scored("cur", given, head, RandomKey(3)));
  EXPECT_NE(scored("cur", given, head, RandomKey(3)), scored("cur", given, head, RandomKey(4)));
}

// With one future position, the mean query alone and values of length 1, the score is the
// attention of a query that is the mean, turned to that position. Channels 0 and 2 turn by 1.
TEST(ExpectedAttention, IsTheAttentionOfTheMeanQueryAtTheNextPosition) {
  TableHead head(matrix({{1, 0, 0, 0}, {0, 0, 1, 0}, {0.5, 0, -1, 0}}), at::eye(3, 4));
  head.next = 7;
  head.mean = matrix({{2, 0, 0, 0}}).to(at::kFloat);
  head.covariance = at::zeros({1, 4, 4});
  const double x = 2 * std::cos(7.0);
  const double y = 2 * std::sin(7.0);
  std::vector<double> expected = {std::exp(x / 2), std::exp(y / 2), std::exp((0.5 * x - y) / 2)};
  const double sum = expected[0] + expected[1] + expected[2];
  for (double& weight : expected) weight /= sum;
  const Given given = {{"n_sink", count(0)}, {"n_future_positions", count(1)}};
  expect_near(scored("expected_attention", given, head), expected);
}

// Of a variance of 4 in a channel that does not turn, exp(q k / sqrt d) has the mean exp(4 k^2 /
// 2d).
TEST(ExpectedAttention, CountsTheSpreadOfQueries) {
  TableHead head(matrix({{0, 0, 0}, {0, 0, 1}, {0, 0, 2}}), at::eye(3, 3));
  head.mean = at::zeros({1, 3});
  head.covariance = at::zeros({1, 3, 3});
  head.covariance[0][2][2] = 4;
  PolicyContext context = golden_context(8);
  context.model.head_dim = 3;
  context.model.rope_frequencies = {1};
  std::vector<double> expected = {1, std::exp(2.0 / 3), std::exp(8.0 / 3)};
  const double sum = expected[0] + expected[1] + expected[2];
  for (double& weight : expected) weight /= sum;
  const auto method = golden_method("expected_attention", {{"n_sink", count(0)}});
  expect_near(doubles(method->make_policy(context)->score(head)), expected);
}

TEST(Think, ZeroesWholeChannelsTheFirstOfEqualsFirst) {
  TableHead head(matrix({{1, 1, 1, 5}, {1, 1, 1, 5}}));
  head.last_queries = at::ones({2, 2, 4});
  const std::vector<std::pair<double, std::vector<double>>> cases = {
      {0, {}}, {0.24, {}}, {0.25, {0}}, {0.74, {0, 1}}, {1, {0, 1, 2, 3}}};
  for (const auto& [ratio, channels] : cases) {
    const auto method = golden_method("think", {{"key_channel_compression_ratio", ratio}});
    EXPECT_EQ(doubles(method->make_policy(golden_context(8))->zeroed_channels(head)), channels);
  }
}

}  // namespace
}  // namespace pressroom::kvpress_scorer_edges_test
