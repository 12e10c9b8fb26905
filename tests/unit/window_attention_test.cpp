// What a window of queries looks at, against loops; and random projections.
#include "pressroom/window_attention.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "pressroom/sketch.h"
#include "table_head.h"

namespace pressroom::window_attention_test {
namespace {

at::Tensor some(std::vector<std::int64_t> shape, double phase) {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return (at::arange(count, at::kDouble) * 0.7 + phase).sin().to(at::kFloat).view(shape) * 2;
}

// Query i of w stands at position newest - w + 1 + i and sees entries no newer.
std::vector<double> by_loops(const TableHead& head, std::int64_t newest) {
  const std::int64_t window = head.last_queries.size(1);
  const std::int64_t group = head.last_queries.size(0);
  const std::vector<double> positions = doubles(head.held_positions);
  std::vector<double> mean(static_cast<std::size_t>(window * head.size()));
  for (std::int64_t h = 0; h < group; ++h) {
    for (std::int64_t i = 0; i < window; ++i) {
      std::vector<double> weights;
      double sum = 0;
      for (std::int64_t t = 0; t < head.size(); ++t) {
        const double dot =
            (head.last_queries[h][i] * head.held_keys[t]).sum().item<double>() / std::sqrt(4.0);
        weights.push_back(positions[t] <= newest - window + 1 + i ? std::exp(dot) : 0);
        sum += weights.back();
      }
      for (std::int64_t t = 0; t < head.size(); ++t) {
        if (sum > 0) mean[i * head.size() + t] += weights[t] / sum / group;
      }
    }
  }
  return mean;
}

struct Case {
  std::string label;
  std::vector<std::int64_t> positions;
  std::int64_t next;  // as the view says it
  std::int64_t newest;
  std::int64_t window;
  std::int64_t older;
  std::vector<std::int64_t> visible;
};

TEST(WindowAttention, IsTheCausalSoftmaxOverTheEntriesHeld) {
  const std::vector<Case> cases = {
      {"a whole cache", {0, 1, 2, 3, 4, 5}, 6, 5, 3, 3, {4, 5, 6}},
      {"entries have left", {0, 4, 7, 8, 9}, 10, 9, 3, 2, {3, 4, 5}},
      {"positions closed up", {0, 4, 7, 8, 9}, 5, 9, 3, 2, {3, 4, 5}},
      {"window entries have left", {2, 5, 8}, 9, 8, 4, 1, {2, 2, 2, 3}},
      {"part of a cache", {1, 2, 6}, 9, 8, 3, 2, {3, 3, 3}},
      {"queries that see nothing", {7, 8}, 9, 8, 3, 0, {0, 1, 2}},
      {"fewer tokens than the window", {0, 1}, 2, 1, 2, 0, {1, 2}},
      {"one entry", {0}, 1, 0, 1, 0, {1}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.label);
    const auto entries = static_cast<std::int64_t>(c.positions.size());
    TableHead head(some({entries, 4}, 0.3));
    head.held_positions = at::tensor(c.positions, at::kLong);
    head.next = c.next;
    head.last_queries = some({2, c.window, 4}, 1.1);
    const WindowAttention got = window_attention(head);
    EXPECT_EQ(got.visible, c.visible);
    EXPECT_EQ(got.older, c.older);
    const std::vector<double> weights = doubles(got.weights);
    const std::vector<double> expected = by_loops(head, c.newest);
    ASSERT_EQ(weights.size(), expected.size());
    for (std::size_t i = 0; i < weights.size(); ++i) EXPECT_NEAR(weights[i], expected[i], 1e-6);
  }
}

TEST(GaussianSketch, IsAFunctionOfItsKeyWithTheRightMoments) {
  const RandomKey key = RandomKey(5).with("sketch");
  const at::Tensor sketch = gaussian_sketch(400, 100, key);
  EXPECT_TRUE(at::equal(sketch, gaussian_sketch(400, 100, key)));
  EXPECT_FALSE(at::equal(sketch, gaussian_sketch(400, 100, key.with(1))));
  // 40,000 numbers of variance 1/100: four standard errors of the mean, the variance and the
  // fourth moment, 3 for a normal distribution.
  const at::Tensor normal = sketch.to(at::kDouble) * 10;
  EXPECT_NEAR(normal.mean().item<double>(), 0, 4 * 0.005);
  EXPECT_NEAR(normal.square().mean().item<double>(), 1, 4 * 0.0071);
  EXPECT_NEAR(normal.pow(4).mean().item<double>(), 3, 4 * 0.049);
}

}  // namespace
}  // namespace pressroom::window_attention_test
