#include "model/products.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include "pressroom/random.h"

namespace pressroom::products_test {
namespace {

at::Tensor numbers(std::int64_t rows, std::int64_t columns, int stream) {
  at::Tensor out = at::empty({rows, columns}, at::kFloat);
  for (std::int64_t i = 0; i < out.numel(); ++i) {
    const double uniform = RandomKey(5).with(stream).with(i).uniform();
    out.data_ptr<float>()[i] = static_cast<float>(uniform - 0.5);
  }
  return out;
}

// A weight below one block, one of several blocks, and one whose last block is short.
class Product : public testing::TestWithParam<std::pair<std::int64_t, std::int64_t>> {};

TEST_P(Product, IsTheSameForAnyNumberOfThreadsAndRight) {
  const auto [outputs, inputs] = GetParam();
  const at::Tensor x = numbers(4, inputs, 1);
  const at::Tensor dense = numbers(outputs, inputs, 2);
  const Weight weight(dense);
  const at::Tensor bias = numbers(1, outputs, 3).view({outputs});
  const at::Tensor exact =
      at::addmm(bias.to(at::kDouble), x.to(at::kDouble), dense.to(at::kDouble).t());
  set_product_threads(1);
  const at::Tensor alone = product(x, weight, bias);
  EXPECT_LT((alone.to(at::kDouble) - exact).abs().max().item<double>(), 1e-4);
  EXPECT_TRUE(at::allclose(product(x, weight, {}) + bias, alone, 1e-5, 1e-5));
  for (const std::int64_t threads : {2, 3, 4}) {
    set_product_threads(threads);
    EXPECT_TRUE(at::equal(product(x, weight, bias), alone)) << threads << " threads";
  }
  set_product_threads(1);
}

TEST_P(Product, WidensWeightsHeldIn16BitsToTheSameBits) {
  const auto [outputs, inputs] = GetParam();
  const at::Tensor x = numbers(4, inputs, 4);
  const at::Tensor bias = numbers(1, outputs, 5).view({outputs});
  for (const at::ScalarType type : {at::kHalf, at::kBFloat16}) {
    const at::Tensor weight = numbers(outputs, inputs, 6).to(type);
    for (const std::int64_t threads : {1, 2}) {
      set_product_threads(threads);
      EXPECT_TRUE(at::equal(product(x, Weight(weight), bias),
                            product(x, Weight(weight.to(at::kFloat)), bias)));
    }
  }
  set_product_threads(1);
}

using Shape = std::pair<std::int64_t, std::int64_t>;
INSTANTIATE_TEST_SUITE_P(Shapes, Product,
                         testing::Values(Shape{192, 192}, Shape{4096, 512}, Shape{3001, 577}));

}  // namespace
}  // namespace pressroom::products_test
