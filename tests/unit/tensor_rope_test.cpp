// Turning tensors, against sums written out.
#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>

#include "pressroom/rope.h"
#include "table_head.h"

namespace pressroom::tensor_rope_test {
namespace {

ModelFacts model_with(std::int64_t head_dim, std::vector<double> frequencies) {
  ModelFacts model;
  model.head_dim = head_dim;
  model.rope_frequencies = std::move(frequencies);
  return model;
}

void expect_near(const std::vector<double>& got, const std::vector<double>& expected,
                 double tolerance) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) EXPECT_NEAR(got[i], expected[i], tolerance) << i;
}

at::Tensor positions_from(std::int64_t first, std::int64_t count) {
  return at::arange(first, first + count, at::kLong);
}

TEST(TensorRope, TurnsChannelsHalfAWidthApart) {
  const ModelFacts model = model_with(5, {1, 0.1});  // the last channel does not turn
  const at::Tensor x = at::tensor({1.0, 0.0, 0.0, 2.0, 7.0}).to(at::kFloat);
  const at::Tensor positions = at::tensor({0, 3, 1000}, at::kLong);
  const at::Tensor turned = rotated(x.expand({2, 3, 5}), positions, model);
  ASSERT_EQ(turned.sizes(), (std::vector<std::int64_t>{2, 3, 5}));
  EXPECT_EQ(turned.scalar_type(), at::kFloat);
  for (const std::int64_t row : {0, 1, 2}) {
    const double p = positions[row].item<double>();
    const std::vector<double> by_hand = {std::cos(p), -2 * std::sin(p / 10), std::sin(p),
                                         2 * std::cos(p / 10), 7};
    expect_near(doubles(turned[0][row]), by_hand, 3e-7);
    expect_near(doubles(turned[1][row]), by_hand, 3e-7);
  }
}

TEST(TensorRope, TurnsOneRowOrAllOfThemToOnePosition) {
  const ModelFacts model = model_with(4, {1, 0.1});
  const at::Tensor x = at::arange(12, at::kDouble).view({3, 4});
  const at::Tensor one = rotated(x, positions_from(9, 1), model);
  const at::Tensor all = rotated(x, at::full({3}, 9, at::kLong), model);
  EXPECT_TRUE(at::equal(one, all));
  EXPECT_EQ(one.scalar_type(), at::kDouble);
}

TEST(TensorRope, AveragesRotationsAsIfOneByOne) {
  struct Case {
    std::int64_t head_dim;
    std::vector<double> frequencies;
    std::int64_t first;
    std::int64_t count;
  };
  const double turn = 6.283185307179586;
  const std::vector<Case> cases = {
      {4, {1, 0.01}, 16, 8},
      {4, {1, 0.01}, 0, 1},
      {6, {1, 0.1}, 1024, 512},               // two channels that do not turn
      {4, {1e-9, 0}, 1000, 100},              // hardly any turn, none at all
      {4, {turn, turn / 2}, 5, 7},            // whole and half turns
      {8, {1, 0.3, 0.05, 0.002}, 100000, 3},  // far out
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.first);
    const ModelFacts model = model_with(c.head_dim, c.frequencies);
    // Row j turned is column j of R.
    const at::Tensor basis = at::eye(c.head_dim, at::kDouble).unsqueeze(1);  // [d,1,d]
    at::Tensor sum = at::zeros({c.head_dim, c.head_dim}, at::kDouble);
    for (std::int64_t p = c.first; p < c.first + c.count; ++p) {
      sum += rotated(basis, positions_from(p, 1), model).squeeze(1).t();
    }
    const at::Tensor mean = mean_rotation(c.first, c.count, model);
    EXPECT_EQ(mean.scalar_type(), at::kFloat);
    expect_near(doubles(mean), doubles(sum / c.count), 1e-7);
  }
}

}  // namespace
}  // namespace pressroom::tensor_rope_test
