#include "engine/attention/attention_kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

namespace pressroom::attention_kernels_test {
namespace {

// Whole vectors and the rest of a row must round alike, or equal entries would not tie.
TEST(AttentionKernels, EqualScoresHaveEqualWeightsWhereverTheyStand) {
  for (std::int64_t count = 1; count <= 70; ++count) {
    std::vector<float> scores(static_cast<std::size_t>(padded(count)), 0.3125F);
    scores[0] = 1.7F;  // the largest: the others have an exponential that is not 1
    softmax(scores.data(), count);
    double sum = 0;
    for (std::int64_t j = 0; j < count; ++j) sum += scores[j];
    EXPECT_NEAR(sum, 1, 1e-6);
    for (std::int64_t j = 2; j < count; ++j)
      EXPECT_EQ(scores[j], scores[1]) << j << " of " << count;
    for (std::int64_t j = count; j < padded(count); ++j) EXPECT_EQ(scores[j], 0);
    if (count > 1) {
      EXPECT_NEAR(scores[1] / scores[0], std::exp(0.3125 - 1.7), 1e-6);
    }
  }
}

// A NaN must not become a weight of 0, and go unnoticed.
TEST(AttentionKernels, ANaNSpreads) {
  for (const std::int64_t count : {3, 16, 64, 70}) {
    for (const std::int64_t place : {std::int64_t{0}, count / 2, count - 1}) {
      std::vector<float> scores(static_cast<std::size_t>(padded(count)), 0.5F);
      scores[place] = NAN;
      EXPECT_TRUE(std::isnan(sum_of_exp(scores.data(), count, 0.5F))) << place << " of " << count;
      softmax(scores.data(), count);
      for (std::int64_t j = 0; j < count; ++j) EXPECT_TRUE(std::isnan(scores[j]));
      std::vector<float> masked(static_cast<std::size_t>(count), 0.5F);
      masked[place] = NAN;
      const std::vector<std::int32_t> birth(masked.size(), 0);
      const std::vector<std::int32_t> death(masked.size(), 1000);
      masked_softmax(masked.data(), count, 1.0F, birth.data(), death.data(), 1);
      EXPECT_TRUE(std::isnan(masked[0]));
    }
  }
}

}  // namespace
}  // namespace pressroom::attention_kernels_test
