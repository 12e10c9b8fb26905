// Norms and activations of a row against their formulas in float64, for every width about those of
// vectors.
#include "model/row_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>
#include <vector>

#include "each_instruction_set.h"

namespace pressroom::row_kernels_test {
namespace {

constexpr std::int64_t kMostWidth = 70;
constexpr double kEpsilon = 1e-5;

class RowKernels : public OnEachInstructionSet {};

std::vector<float> numbers(std::int64_t count, unsigned seed, float scale = 1) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0.1F, scale);
  std::vector<float> all(static_cast<std::size_t>(count));
  for (float& number : all) number = normal(random);
  return all;
}

void expect_near(const std::vector<float>& got, const std::vector<double>& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_NEAR(got[i], expected[i], 2e-6 * (1 + std::abs(expected[i])))
        << i << " of " << got.size();
  }
}

TEST_P(RowKernels, RmsNormIsTheFormulaAtEveryWidth) {
  for (std::int64_t width = 1; width <= kMostWidth; ++width) {
    std::vector<float> x = numbers(width, 1, 3);
    const std::vector<float> weight = numbers(width, 2);
    double squares = 0;
    for (const float v : x) squares += static_cast<double>(v) * v;
    const double scale = 1 / std::sqrt(squares / static_cast<double>(width) + kEpsilon);
    std::vector<double> expected;
    for (std::size_t i = 0; i < x.size(); ++i) expected.push_back(x[i] * scale * weight[i]);
    rms_norm(x.data(), width, weight.data(), kEpsilon, x.data());
    expect_near(x, expected);
  }
}

TEST_P(RowKernels, LayerNormIsTheFormulaAtEveryWidthWithAndWithoutABias) {
  for (std::int64_t width = 1; width <= kMostWidth; ++width) {
    const std::vector<float> x = numbers(width, 3, 3);
    const std::vector<float> weight = numbers(width, 4);
    const std::vector<float> bias = numbers(width, 5);
    double sum = 0;
    for (const float v : x) sum += v;
    const double mean = sum / static_cast<double>(width);
    double squares = 0;
    for (const float v : x) squares += (v - mean) * (v - mean);
    // One number alone has no variance: what is left of it is rounding, and epsilon makes it large.
    const double scale = 1 / std::sqrt(squares / static_cast<double>(width) + kEpsilon);
    for (const bool has_bias : {false, true}) {
      std::vector<double> expected;
      for (std::size_t i = 0; i < x.size(); ++i) {
        expected.push_back((x[i] - mean) * scale * weight[i] + (has_bias ? bias[i] : 0.0F));
      }
      std::vector<float> out(x.size());
      layer_norm(x.data(), width, weight.data(), has_bias ? bias.data() : nullptr, kEpsilon,
                 out.data());
      expect_near(out, expected);
    }
  }
}

double activated(Activation activation, double x) {
  switch (activation) {
    case Activation::kGelu:
      return x / 2 * (1 + std::erf(x / std::sqrt(2.0)));
    case Activation::kGeluTanh:
      return x / 2 * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
    case Activation::kSilu:
      break;
  }
  return x / (1 + std::exp(-x));
}

TEST_P(RowKernels, ActivateIsTheFormulaAtEveryWidthAndFarFromZero) {
  for (const Activation activation :
       {Activation::kSilu, Activation::kGelu, Activation::kGeluTanh}) {
    for (std::int64_t width = 1; width <= kMostWidth; ++width) {
      std::vector<float> x = numbers(width, 6, 4);
      if (width > 8) {
        const float far[] = {-1e30F, -200, -104, -88, 88, 200, 1e15F, 0};
        std::copy(std::begin(far), std::end(far), x.begin() + (width - 8));
      }
      const std::vector<float> factor = numbers(width, 7);
      for (const bool has_factor : {false, true}) {
        std::vector<double> expected;
        for (std::size_t i = 0; i < x.size(); ++i) {
          expected.push_back(activated(activation, x[i]) * (has_factor ? factor[i] : 1.0F));
        }
        std::vector<float> out(x.size());
        activate(activation, x.data(), has_factor ? factor.data() : nullptr, width, out.data());
        expect_near(out, expected);
      }
    }
  }
}

TEST_P(RowKernels, ActivateLeavesWhatIsNoNumberOne) {
  for (const Activation activation :
       {Activation::kSilu, Activation::kGelu, Activation::kGeluTanh}) {
    std::vector<float> x(kMostWidth, std::nanf(""));
    activate(activation, x.data(), nullptr, kMostWidth, x.data());
    for (const float value : x) EXPECT_TRUE(std::isnan(value));
  }
}

TEST_P(RowKernels, AddToAddsAtEveryWidth) {
  for (std::int64_t width = 1; width <= kMostWidth; ++width) {
    std::vector<float> sum = numbers(width, 8);
    const std::vector<float> more = numbers(width, 9);
    std::vector<float> expected = sum;
    for (std::size_t i = 0; i < sum.size(); ++i) expected[i] += more[i];
    add_to(more.data(), width, sum.data());
    EXPECT_EQ(sum, expected);
  }
}

INSTANTIATE_TEST_SUITE_P(EachInstructionSet, RowKernels, instruction_sets(), instruction_set_name);

}  // namespace
}  // namespace pressroom::row_kernels_test
