#include "engine/attention/attention_kernels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "each_instruction_set.h"
#include "pressroom/random.h"

namespace pressroom::attention_kernels_test {
namespace {

class AttentionKernels : public OnEachInstructionSet {};

// Whole vectors and the rest of a row must round alike, or equal entries would not tie.
TEST_P(AttentionKernels, EqualScoresHaveEqualWeightsWhereverTheyStand) {
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
TEST_P(AttentionKernels, ANaNSpreads) {
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

using Vector = std::vector<float>;

constexpr std::int64_t kMost = 70;

Vector numbers(std::int64_t count, RandomKey random, double scale = 1) {
  Vector values;
  for (std::int64_t i = 0; i < count; ++i) {
    values.push_back(static_cast<float>((random.with(i).uniform() * 2 - 1) * scale));
  }
  return values;
}

// Every count. Differences of up to 20 are rounded by up to 1e-6, and so much are exponentials off.
TEST_P(AttentionKernels, ExponentialsAreTheFormulaAtEveryCount) {
  for (std::int64_t count = 1; count <= kMost; ++count) {
    const Vector scores = numbers(count, RandomKey(1).with(count), 10);
    const float largest = largest_of(scores.data(), count);
    EXPECT_EQ(largest, *std::max_element(scores.begin(), scores.end())) << count;
    std::vector<double> exponentials;
    double sum = 0;
    for (const float score : scores) {
      exponentials.push_back(std::exp(static_cast<double>(score) - largest));
      sum += exponentials.back();
    }
    EXPECT_NEAR(sum_of_exp(scores.data(), count, largest), sum, 3e-6 * sum) << count;
    Vector in_place = scores;
    EXPECT_NEAR(exp_in_place(in_place.data(), count, largest), sum, 3e-6 * sum) << count;
    Vector soft = scores;
    soft.resize(static_cast<std::size_t>(padded(count)));
    softmax(soft.data(), count);
    Vector scaled = scores;
    scale_in_place(scaled.data(), count, 0.3F);
    for (std::int64_t j = 0; j < count; ++j) {
      EXPECT_NEAR(in_place[j], exponentials[j], 2e-6 * exponentials[j]) << j << " of " << count;
      EXPECT_NEAR(soft[j], exponentials[j] / sum, 4e-6 * exponentials[j] / sum) << count;
      EXPECT_EQ(scaled[j], scores[j] * 0.3F) << j << " of " << count;
    }
  }
}

TEST_P(AttentionKernels, AMaskedSoftmaxIsThatOfTheEntriesSeen) {
  for (std::int64_t count = 1; count <= kMost; ++count) {
    const Vector scores = numbers(count, RandomKey(2).with(count), 10);
    const auto t = static_cast<std::int32_t>(count / 2);
    std::vector<std::int32_t> birth, death;
    double sum = 0;
    for (std::int64_t j = 0; j < count; ++j) {
      birth.push_back(static_cast<std::int32_t>(j));
      death.push_back(static_cast<std::int32_t>(j % 3 == 1 ? j : 1000));
      if (j <= t && t <= death.back()) sum += std::exp(0.25 * scores[j]);
    }
    Vector got = scores;
    masked_softmax(got.data(), count, 0.25F, birth.data(), death.data(), t);
    for (std::int64_t j = 0; j < count; ++j) {
      const bool is_seen = birth[j] <= t && t <= death[j];
      EXPECT_NEAR(got[j], is_seen ? std::exp(0.25 * scores[j]) / sum : 0, 2e-6)
          << j << " of " << count;
    }
  }
}

// Groups of 1 .. 7 queries in turn.
TEST_P(AttentionKernels, ScoresOfColumnsAreProductsAndRowsAddUp) {
  for (std::int64_t count = 1; count <= kMost; ++count) {
    const std::int64_t group = 1 + count % 7;
    const std::int64_t d = 1 + (count * 13) % kMost;
    const std::int64_t stride = padded(count);
    const Vector queries = numbers(group * d, RandomKey(3).with(count));
    const Vector keys = numbers(d * stride, RandomKey(4).with(count));
    Vector scores(static_cast<std::size_t>(group * stride), NAN);
    column_scores(queries.data(), group, d, keys.data(), stride, count, scores.data());
    for (std::int64_t h = 0; h < group; ++h) {
      for (std::int64_t j = 0; j < count; ++j) {
        double sum = 0;
        double sizes = 0;
        for (std::int64_t c = 0; c < d; ++c) {
          const double product = static_cast<double>(queries[h * d + c]) * keys[c * stride + j];
          sum += product;
          sizes += std::fabs(product);
        }
        ASSERT_NEAR(scores[h * stride + j], sum, static_cast<double>(d) * 0x1p-24 * sizes)
            << count << " x " << d << ", group " << group;
      }
    }
    const Vector rows = numbers(group * stride, RandomKey(5).with(count));
    Vector total(static_cast<std::size_t>(stride), 1);
    add_rows(rows.data(), group, stride, total.data());
    for (std::int64_t j = 0; j < stride; ++j) {
      double sum = 1;
      for (std::int64_t h = 0; h < group; ++h) sum += rows[h * stride + j];
      ASSERT_NEAR(total[j], sum, 2e-6) << j << " of " << count;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(EachInstructionSet, AttentionKernels, instruction_sets(),
                         instruction_set_name);

}  // namespace
}  // namespace pressroom::attention_kernels_test
