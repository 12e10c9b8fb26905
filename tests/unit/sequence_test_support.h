// What the tests of growing sequences share: one tiny model and its texts, logits token by token.
//
//   Sequence sequence(tiny().model(), method, settings, "one", kTokens);
//   expect_same_bits(grown(sequence, ids_of(kTokens), kPrompt), expected);
#pragma once

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "engine/sequence.h"
#include "stream_test_support.h"

namespace pressroom::sequence_test {

using Indices = std::vector<std::int64_t>;
using Logits = std::vector<std::vector<float>>;  // of one token after another

constexpr std::int64_t kTokens = 60;
constexpr std::int64_t kPrompt = 40;
constexpr std::int64_t kBudget = 16;

inline const TinyModel& tiny() {
  static const TinyModel model(TinyShape(), RandomKey(1));
  return model;
}

// `count` token ids of the model's; those of one text are the first of a longer one.
inline Indices ids_of(std::int64_t count, std::uint64_t text = 2) {
  return random_ids(count, TinyShape(), RandomKey(text));
}

inline std::vector<float> logits_of(const float* logits) {
  return {logits, logits + TinyShape().vocabulary};
}

// Feeds ids[from] .. ids[to - 1]; the logits after each.
inline Logits fed(Sequence& sequence, const Indices& ids, std::size_t from, std::size_t to) {
  Logits all;
  for (std::size_t t = from; t < to; ++t) all.push_back(logits_of(sequence.feed(ids[t])));
  return all;
}

// The same of all behind the first `prompt`, which are the prompt.
inline Logits grown(Sequence& sequence, const Indices& ids, std::int64_t prompt) {
  sequence.prefill({ids.begin(), ids.begin() + prompt});
  return fed(sequence, ids, static_cast<std::size_t>(prompt), ids.size());
}

// Bit for bit: a comparison of floats would take 0 for -0, and no NaN for itself.
inline void expect_same_bits(const Logits& got, const Logits& expected) {
  ASSERT_EQ(got.size(), expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    ASSERT_EQ(got[i].size(), expected[i].size());
    ASSERT_EQ(std::memcmp(got[i].data(), expected[i].data(), got[i].size() * sizeof(float)), 0)
        << "after token " << i;
  }
}

inline void expect_same_sizes(const SequenceSizes& got, const SequenceSizes& expected) {
  EXPECT_EQ(got.entries, expected.entries);
  EXPECT_EQ(got.most_entries, expected.most_entries);
  EXPECT_EQ(got.bytes, expected.bytes);
  EXPECT_EQ(got.evicted, expected.evicted);
}

}  // namespace pressroom::sequence_test
