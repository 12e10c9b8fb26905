#include "pressroom/selection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "fake_head_view.h"
#include "pressroom/error.h"
#include "pressroom/random.h"

namespace pressroom::selection_test {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Selection, ChoosesTheHighestAndOfEqualsTheNewer) {
  struct Case {
    std::vector<float> scores;
    IndexRange range;
    std::int64_t count;
    Indices expected;
  };
  const std::vector<Case> cases = {
      {{5, 1, 4, 2, 3}, {0, 5}, 1, {0}},
      {{5, 1, 4, 2, 3}, {0, 5}, 2, {0, 2}},
      {{5, 1, 4, 2, 3}, {0, 5}, 4, {0, 2, 3, 4}},
      {{5, 1, 4, 2, 3}, {1, 4}, 2, {2, 3}},
      {{7, 7, 7, 7}, {0, 4}, 1, {3}},
      {{7, 7, 7, 7}, {0, 4}, 2, {2, 3}},
      {{7, 7, 7, 7}, {0, 4}, 3, {1, 2, 3}},
      {{1, 2, 1, 2, 1}, {0, 5}, 3, {1, 3, 4}},
      {{0.0F, -0.0F, 0.0F}, {0, 3}, 1, {2}},
      {{-kInfinity, 0, kInfinity, kInfinity}, {0, 4}, 2, {2, 3}},
      {{1, 2}, {0, 2}, 2, {0, 1}},
      {{1, 2}, {0, 2}, 9, {0, 1}},
      {{1, 2}, {0, 2}, 0, {}},
      {{1, 2}, {0, 2}, -3, {}},
      {{1, 2}, {1, 1}, 1, {}},
      {{}, {0, 0}, 1, {}},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    SCOPED_TRACE("case " + std::to_string(i));
    const Case& c = cases[i];
    const Indices all = indices_of(c.range);
    const std::vector<double> doubles(c.scores.begin(), c.scores.end());
    EXPECT_EQ(highest(c.scores.data(), c.range, c.count), c.expected);
    EXPECT_EQ(highest(c.scores.data(), all, c.count), c.expected);
    EXPECT_EQ(highest(doubles.data(), all, c.count), c.expected);
    const auto rest = static_cast<std::int64_t>(all.size() - c.expected.size());
    EXPECT_EQ(lowest(c.scores.data(), c.range, rest), without(all, c.expected));
  }
}

TEST(Selection, ChoosesAmongCandidatesAlone) {
  const std::vector<float> scores = {9, 1, 9, 3, 2, 9};
  EXPECT_EQ(highest(scores.data(), Indices{1, 3, 4}, 2), (Indices{3, 4}));
}

TEST(Selection, AgreesWithASortOnManyTies) {
  for (int trial = 0; trial < 200; ++trial) {
    const RandomKey random = RandomKey(3).with(trial);
    const auto size = static_cast<std::int64_t>(random.with("size").uniform() * 40);
    std::vector<float> scores;
    for (std::int64_t j = 0; j < size; ++j) {
      scores.push_back(std::floor(static_cast<float>(random.with(j).uniform() * 6)));
    }
    Indices order = indices_of({0, size});
    std::sort(order.begin(), order.end(), [&](std::int64_t a, std::int64_t b) {
      return std::make_pair(scores[a], a) > std::make_pair(scores[b], b);
    });
    for (std::int64_t count = 0; count <= size; ++count) {
      Indices expected(order.begin(), order.begin() + count);
      std::sort(expected.begin(), expected.end());
      ASSERT_EQ(highest(scores.data(), IndexRange{0, size}, count), expected)
          << trial << ", " << count;
    }
  }
}

TEST(Selection, RefusesNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> scores = {1, nan, 2};
  EXPECT_THROW(highest(scores.data(), IndexRange{0, 3}, 1), Error);
  EXPECT_THROW(highest(scores.data(), IndexRange{0, 3}, 3), Error);
  EXPECT_THROW(lowest(scores.data(), {0, 3}, 1), Error);
  EXPECT_EQ(highest(scores.data(), Indices{0, 2}, 1), (Indices{2}));
}

TEST(Selection, FindsWhatMayLeave) {
  struct Case {
    Indices positions;
    std::int64_t sinks, recents, begin, end;
  };
  const std::vector<Case> cases = {
      {{0, 1, 2, 3, 4}, 0, 0, 0, 5},
      {{0, 1, 2, 3, 4}, 2, 1, 2, 4},
      {{0, 2, 5, 9}, 2, 1, 1, 3},
      {{7, 8, 9}, 2, 0, 0, 3},
      {{0, 1, 2}, 2, 2, 2, 2},
      {{0, 1, 2}, 9, 9, 3, 3},
      {{0, 1, 2}, 0, 9, 0, 0},
      {{0}, 0, 0, 0, 1},
      {{0}, 1, 0, 1, 1},
      {{0, 1, 2}, 1000000, 0, 3, 3},
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    HandHead head;
    head.held = cases[i].positions;
    const IndexRange range = evictable(head, cases[i].sinks, cases[i].recents);
    EXPECT_EQ(range.begin, cases[i].begin) << "case " << i;
    EXPECT_EQ(range.end, cases[i].end) << "case " << i;
  }
}

TEST(Selection, CombinesAscendingIndices) {
  EXPECT_EQ(indices_of({2, 5}), (Indices{2, 3, 4}));
  EXPECT_EQ(indices_of({2, 1}), Indices{});
  EXPECT_EQ(merged({1, 3}, {0, 3, 4}), (Indices{0, 1, 3, 4}));
  EXPECT_EQ(without({0, 1, 3, 4}, {1, 2, 4}), (Indices{0, 3}));
}

TEST(Selection, GoesToTensorsAndBack) {
  const at::Tensor indices = to_tensor({3, 5});
  EXPECT_EQ(indices.scalar_type(), at::kLong);
  EXPECT_EQ(indices.sizes(), at::IntArrayRef({2}));
  EXPECT_EQ(indices[1].item<std::int64_t>(), 5);
  EXPECT_EQ(to_tensor({}).numel(), 0);
  const at::Tensor strided = at::arange(6, at::kFloat).view({3, 2}).select(1, 1);
  EXPECT_EQ(to_floats(strided), (std::vector<float>{1, 3, 5}));
}

TEST(Selection, RefusesRegionsThatDoNotFit) {
  EXPECT_NO_THROW(require_room({{"n_sink", 4}, {"recent", 6}}, 10, "budget"));
  try {
    require_room({{"n_sink", 4}, {"recent", 7}}, 10, "budget");
    FAIL() << "no Error was thrown";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().at(0).expected, "n_sink + recent <= 10");
    EXPECT_EQ(error.problems().at(0).got, "4 + 7 = 11");
  }
}

// A layer of heads that a test writes down.
struct HandLayer final : LayerView {
  std::vector<HandHead> heads;

  std::int64_t layer() const override { return 3; }
  std::int64_t kv_heads() const override { return static_cast<std::int64_t>(heads.size()); }
  const HeadView& head(std::int64_t index) const override {
    return heads.at(static_cast<std::size_t>(index));
  }
  std::int64_t tokens_fed() const override { return 1; }
};

// Places go by score; of equal scores to the newer entry, of equally new ones to the higher head.
TEST(HighestOfLayer, SharesPlacesAmongHeads) {
  struct Case {
    std::vector<std::vector<float>> scores;  // [G][T]
    std::vector<Indices> certain;
    std::int64_t places;
    std::vector<Indices> expected;
  };
  const std::vector<Case> cases = {
      {{{9, 1, 8}, {7, 2, 3}}, {{}, {}}, 3, {{0, 2}, {0}}},
      {{{9, 1, 8}, {7, 2, 3}}, {{1}, {1}}, 4, {{0, 1, 2}, {1}}},
      {{{9, 1, 8}, {7, 2, 3}}, {{1}, {1}}, 1, {{1}, {1}}},  // what is certain stays whatever places
      {{{5, 5, 5}, {5, 5, 5}}, {{}, {}}, 3, {{2}, {1, 2}}},
      {{{1, 2}, {3}}, {{}, {}}, 9, {{0, 1}, {0}}},
  };
  for (const Case& each : cases) {
    HandLayer layer;
    std::vector<at::Tensor> scores;
    for (const std::vector<float>& of_head : each.scores) {
      layer.heads.push_back(hand_head(of_head));
      scores.push_back(at::tensor(of_head));
    }
    EXPECT_EQ(highest_of_layer(layer, scores, each.certain, each.places), each.expected);
  }
}

TEST(HighestOfLayer, RefusesANaN) {
  HandLayer layer;
  layer.heads = {hand_head({1, NAN})};
  EXPECT_THROW(highest_of_layer(layer, {at::tensor(std::vector<float>{1, NAN})}, {{}}, 1), Error);
}

TEST(BoxMean, CountsPlacesBeyondTheEndsAsZeros) {
  EXPECT_EQ(box_mean({3, 6, 9}, 3), (std::vector<float>{3, 6, 5}));
  EXPECT_EQ(box_mean({3, 6, 9}, 1), (std::vector<float>{3, 6, 9}));
  EXPECT_EQ(box_mean({10}, 5), (std::vector<float>{2}));
  EXPECT_EQ(box_mean({}, 3), std::vector<float>());
}

TEST(Selection, TurnsIndicesOfAPartBack) {
  EXPECT_EQ(through({2, 5, 7, 9}, {0, 2}), (Indices{2, 7}));
  EXPECT_EQ(through({{4, 6}, {1}}, {{1}, {0}}), (std::vector<Indices>{{6}, {1}}));
}

TEST(Selection, KeepsAllButWhatARangeLoses) {
  const HandHead head = hand_head({0, 0, 0, 0, 0, 0});
  EXPECT_EQ(all_but(head, {1, 4}, {2}), (Indices{0, 2, 4, 5}));
  EXPECT_EQ(all_but(head, {0, 6}, {}), Indices());
  EXPECT_EQ(all_but(head, {3, 3}, {}), all_of(head));
  EXPECT_EQ(newest({1, 4, 6}, 2), (Indices{4, 6}));
  EXPECT_EQ(newest({1, 4, 6}, 9), (Indices{1, 4, 6}));
  EXPECT_EQ(newest({1, 4, 6}, 0), Indices());
  EXPECT_EQ(fraction_of(9, 0.5), 4);
}

TEST(Selection, RefusesHeadsOfDifferentSizesWhereAllAreCutAlike) {
  HandLayer layer;
  layer.heads = {hand_head({1, 2}), hand_head({1, 2})};
  EXPECT_EQ(entries_per_head(layer), 2);
  layer.heads.push_back(hand_head({1}));
  EXPECT_EQ(entries_in(layer), 5);
  try {
    entries_per_head(layer);
    FAIL() << "heads of different sizes passed";
  } catch (const Error& error) {
    EXPECT_EQ(error.problems().front().where, "layer 3");
    EXPECT_EQ(error.problems().front().got, "2 in KV head 0, 1 in KV head 2");
  }
}

}  // namespace
}  // namespace pressroom::selection_test
