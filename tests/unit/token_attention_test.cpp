#include "engine/attention/token_attention.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "each_instruction_set.h"
#include "engine/attention/attention_kernels.h"
#include "engine/cache/stored_vectors.h"
#include "pressroom/error.h"
#include "pressroom/random.h"

namespace pressroom::token_attention_test {
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
  const auto entries = static_cast<std::int64_t>(keys.size()) / head_dim;
  scratch.heads.push_back({queries.data(), float_rows(keys.data(), head_dim, head_dim),
                           float_rows(values.data(), head_dim, head_dim), entries,
                           result.out.data(),
                           result.probability.empty() ? nullptr : result.probability.data()});
  TokenAttention token;
  token.group = static_cast<std::int64_t>(queries.size()) / head_dim;
  token.head_dim = head_dim;
  attend(token, 1, scratch);
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

class TokenAttentionKernels : public OnEachInstructionSet {};

constexpr KvDtype kAll[] = {KvDtype::kFloat32, KvDtype::kBfloat16, KvDtype::kFloat16, KvDtype::kQ8};

Vector numbers(std::int64_t count, RandomKey random) {
  Vector values;
  for (std::int64_t i = 0; i < count; ++i) {
    values.push_back(static_cast<float>(random.with(i).uniform() * 2 - 1));
  }
  return values;
}

// A head of random entries, as stored.
struct Head {
  StoredVectors keys, values;
  Vector queries, wide_keys, wide_values;  // what is read of the entries, as float32

  Head(KvDtype dtype, std::int64_t entries, std::int64_t group, std::int64_t d, RandomKey random)
      : keys(dtype, d), values(dtype, d), queries(numbers(group * d, random.with("queries"))) {
    for (float& q : queries) q *= 3;
    for (std::int64_t j = 0; j < entries; ++j) {
      keys.append(numbers(d, random.with("key").with(j)).data());
      values.append(numbers(d, random.with("value").with(j)).data());
    }
    wide_keys.resize(static_cast<std::size_t>(entries * d));
    wide_values.resize(wide_keys.size());
    widen_rows(keys.rows(), entries, wide_keys.data(), d);
    widen_rows(values.rows(), entries, wide_values.data(), d);
  }
};

// The definition, in float64: outputs [g,d] and probabilities summed over the group [T].
struct Defined {
  std::vector<double> out, probability;
};

Defined defined(const Head& head, std::int64_t group, std::int64_t d) {
  const auto entries = static_cast<std::size_t>(head.keys.size());
  Defined result;
  result.out.assign(static_cast<std::size_t>(group * d), 0);
  result.probability.assign(entries, 0);
  for (std::int64_t q = 0; q < group; ++q) {
    std::vector<double> weights(entries);
    double sum = 0;
    for (std::size_t j = 0; j < entries; ++j) {
      double score = 0;
      for (std::int64_t c = 0; c < d; ++c) {
        score += static_cast<double>(head.queries[q * d + c]) * head.wide_keys[j * d + c];
      }
      sum += weights[j] = std::exp(score / std::sqrt(static_cast<double>(d)));
    }
    for (std::size_t j = 0; j < entries; ++j) {
      result.probability[j] += weights[j] / sum;
      for (std::int64_t c = 0; c < d; ++c) {
        result.out[q * d + c] += weights[j] / sum * head.wide_values[j * d + c];
      }
    }
  }
  return result;
}

Attended of_stored(const Head& head, std::int64_t group, std::int64_t d) {
  Attended result;
  result.out.resize(head.queries.size());
  result.probability.resize(static_cast<std::size_t>(head.keys.size()));
  AttentionScratch scratch;
  scratch.heads.push_back({head.queries.data(), head.keys.rows(), head.values.rows(),
                           head.keys.size(), result.out.data(), result.probability.data()});
  TokenAttention token;
  token.group = group;
  token.head_dim = d;
  token.checks_sums = true;
  attend(token, 2, scratch);
  return result;
}

// Every count of entries and every head dim of 1 .. 70, groups of 1 .. 7 in turn.
TEST_P(TokenAttentionKernels, OfStoredEntriesIsTheDefinitionAtEveryShape) {
  for (const KvDtype dtype : kAll) {
    for (std::int64_t size = 1; size <= 70; ++size) {
      for (const auto& [entries, d] : {std::pair{size, std::int64_t{32}},
                                       {std::int64_t{37}, size},
                                       {size, 71 - size},
                                       {size, std::int64_t{64}}}) {
        const std::int64_t group = 1 + size % 7;
        SCOPED_TRACE(std::string(to_string(dtype)) + ", " + std::to_string(entries) + " x " +
                     std::to_string(d) + ", group " + std::to_string(group));
        const Head head(dtype, entries, group, d, RandomKey(1).with(size).with(d));
        const Defined expected = defined(head, group, d);
        const Attended got = of_stored(head, group, d);
        expect_near(got.out, expected.out, 3e-6);
        expect_near(got.probability, expected.probability, 3e-6);
        // The same numbers held as float32: the same bits.
        const Attended wide = attended(head.queries, head.wide_keys, head.wide_values, d,
                                       Vector(static_cast<std::size_t>(entries), 0));
        EXPECT_EQ(got.out, wide.out);
        EXPECT_EQ(got.probability, wide.probability);
      }
    }
  }
}

// Around the chunks that threads share.
TEST_P(TokenAttentionKernels, OfManyEntriesIsTheDefinition) {
  for (const KvDtype dtype : kAll) {
    for (const std::int64_t entries : {511, 512, 513, 1024, 1025, 2600}) {
      const Head head(dtype, entries, 3, 64, RandomKey(2).with(entries));
      const Defined expected = defined(head, 3, 64);
      const Attended got = of_stored(head, 3, 64);
      expect_near(got.out, expected.out, 3e-6);
      expect_near(got.probability, expected.probability, 3e-6);
    }
  }
}

// Heads of unequal lengths, as eviction leaves them: neither threads nor company change a bit.
TEST_P(TokenAttentionKernels, DependsNeitherOnThreadsNorOnOtherHeads) {
  const std::int64_t d = 64;
  const std::int64_t group = 3;
  std::vector<Head> heads;
  for (const std::int64_t entries : {3000, 5, 1100, 700}) {
    heads.emplace_back(KvDtype::kQ8, entries, group, d, RandomKey(3).with(entries));
  }
  for (const std::int64_t threads : {1, 2, 3}) {
    std::vector<Attended> got(heads.size());
    AttentionScratch scratch;
    for (int round = 0; round < 2; ++round) {
      scratch.heads.clear();
      for (std::size_t i = 0; i < heads.size(); ++i) {
        got[i].out.assign(heads[i].queries.size(), 0);
        got[i].probability.assign(static_cast<std::size_t>(heads[i].keys.size()), 0);
        scratch.heads.push_back({heads[i].queries.data(), heads[i].keys.rows(),
                                 heads[i].values.rows(), heads[i].keys.size(), got[i].out.data(),
                                 got[i].probability.data()});
      }
      TokenAttention token;
      token.group = group;
      token.head_dim = d;
      attend(token, threads, scratch);
    }
    for (std::size_t i = 0; i < heads.size(); ++i) {
      const Attended alone = of_stored(heads[i], group, d);
      EXPECT_EQ(got[i].out, alone.out) << threads;
      EXPECT_EQ(got[i].probability, alone.probability) << threads;
    }
  }
}

// Equal entries tie wherever they lie: in one chunk or another, in whole vectors or behind them.
TEST_P(TokenAttentionKernels, OfEqualEntriesIsEqual) {
  Vector keys = numbers(16 * 1500, RandomKey(5));
  for (const std::int64_t j : {3, 511, 512, 1100, 1499}) {
    for (std::int64_t c = 0; c < 16; ++c) keys[j * 16 + c] = 0.125F * static_cast<float>(c);
  }
  const Attended result = attended(numbers(32, RandomKey(6)), keys, keys, 16, Vector(1500, 0));
  for (const std::int64_t j : {511, 512, 1100, 1499}) {
    EXPECT_EQ(result.probability[j], result.probability[3]) << j;
  }
}

// Entry j turned to position j, from what is held of it before rotation.
TEST_P(TokenAttentionKernels, TurnsKeysByTheirIndex) {
  const std::int64_t entries = 600;
  for (const std::int64_t d : {32, 12}) {
    const RotaryTable rotary(d, std::vector<float>(static_cast<std::size_t>(d / 2), 0.37F),
                             entries);
    for (const KvDtype dtype : kAll) {
      const Head head(dtype, entries, 2, d, RandomKey(7));
      Vector turned(head.wide_keys.size());
      for (std::int64_t j = 0; j < entries; ++j) {
        rotary.rotate(head.wide_keys.data() + j * d, j, turned.data() + j * d);
      }
      const Attended expected = attended(head.queries, turned, head.wide_values, d, Vector(600, 0));
      Attended got;
      got.out.resize(head.queries.size());
      got.probability.resize(static_cast<std::size_t>(entries));
      AttentionScratch scratch;
      scratch.heads.push_back({head.queries.data(), head.keys.rows(), head.values.rows(), entries,
                               got.out.data(), got.probability.data()});
      TokenAttention token;
      token.group = 2;
      token.head_dim = d;
      token.turn_by_index = &rotary;
      attend(token, 1, scratch);
      EXPECT_EQ(got.out, expected.out) << to_string(dtype);
      EXPECT_EQ(got.probability, expected.probability) << to_string(dtype);
    }
  }
}

TEST_P(TokenAttentionKernels, RefusesProbabilitiesThatAreNoNumbers) {
  const Vector queries = {1, 1, 1, 1};
  const Vector keys = {1, 2, NAN, 4};
  Vector out(4);
  AttentionScratch scratch;
  scratch.heads.push_back({queries.data(), float_rows(keys.data(), 4, 4),
                           float_rows(queries.data(), 4, 4), 1, out.data(), nullptr});
  TokenAttention token;
  token.head_dim = 4;
  attend(token, 1, scratch);
  EXPECT_TRUE(std::isnan(out[0]));
  token.checks_sums = true;
  EXPECT_THROW(attend(token, 1, scratch), Error);
}

INSTANTIATE_TEST_SUITE_P(EachInstructionSet, TokenAttentionKernels, instruction_sets(),
                         instruction_set_name);

}  // namespace
}  // namespace pressroom::token_attention_test
