#include "engine/cache/head_cache.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "pressroom/random.h"

namespace pressroom::head_cache_test {
namespace {

EntryLayout full_layout() {
  EntryLayout layout;
  layout.head_dim = 2;
  layout.raw_keys = layout.birth_score = layout.attention = true;
  return layout;
}

// Everything in an entry is made from its position, so that it can be recognised later.
void append(HeadCache& cache, std::int64_t position) {
  const auto p = static_cast<float>(position);
  const float key[] = {p, p + 0.25F};
  const float raw_key[] = {-p, -p - 0.25F};
  const float value[] = {2 * p, 2 * p + 1};
  cache.append(position, 1000 + position, key, raw_key, value, 10 * p);
  cache.attention()[cache.size() - 1] += p / 2;
}

std::vector<std::int64_t> positions_of(const HeadCache& cache) {
  return {cache.positions().begin(), cache.positions().end()};
}

void expect_entries(const HeadCache& cache, const std::vector<std::int64_t>& positions) {
  ASSERT_EQ(positions_of(cache), positions);
  ASSERT_EQ(cache.size(), static_cast<std::int64_t>(positions.size()));
  for (std::size_t j = 0; j < positions.size(); ++j) {
    const auto p = static_cast<float>(positions[j]);
    EXPECT_EQ(cache.token_ids()[j], 1000 + positions[j]);
    EXPECT_EQ(cache.keys().floats()[2 * j], p);
    EXPECT_EQ(cache.keys().floats()[2 * j + 1], p + 0.25F);
    EXPECT_EQ(cache.raw_keys().floats()[2 * j + 1], -p - 0.25F);
    EXPECT_EQ(cache.values().floats()[2 * j], 2 * p);
    EXPECT_EQ(cache.birth_scores()[j], 10 * p);
    EXPECT_EQ(cache.attention()[j], p / 2);
  }
}

TEST(HeadCache, DropsWholeEntriesAndKeepsOrder) {
  struct Case {
    std::vector<std::int64_t> dropped, left;
  };
  const std::vector<Case> cases = {
      {{}, {3, 4, 6, 7, 9}}, {{0}, {4, 6, 7, 9}}, {{4}, {3, 4, 6, 7}},
      {{2}, {3, 4, 7, 9}},   {{0, 4}, {4, 6, 7}}, {{1, 2}, {3, 7, 9}},
      {{0, 2, 4}, {4, 7}},   {{0, 1, 2, 3}, {9}}, {{0, 1, 2, 3, 4}, {}},
  };
  for (const Case& c : cases) {
    HeadCache cache(full_layout());
    for (const std::int64_t position : {3, 4, 6, 7, 9}) append(cache, position);
    cache.drop(c.dropped);
    expect_entries(cache, c.left);
    append(cache, 12);
    std::vector<std::int64_t> grown = c.left;
    grown.push_back(12);
    expect_entries(cache, grown);
  }
}

// Against a plain list, over a thousand random appends and drops.
TEST(HeadCache, AgreesWithAPlainList) {
  const RandomKey random(5);
  HeadCache cache(full_layout());
  std::vector<std::int64_t> list;
  for (std::int64_t step = 0; step < 1000; ++step) {
    append(cache, step);
    list.push_back(step);
    if (random.with(step).uniform() > 0.3) continue;
    std::vector<std::int64_t> dropped, left;
    for (std::size_t j = 0; j < list.size(); ++j) {
      const bool leaves = random.with(step).with(static_cast<std::int64_t>(j)).uniform() < 0.25;
      if (leaves) dropped.push_back(static_cast<std::int64_t>(j));
      if (!leaves) left.push_back(list[j]);
    }
    cache.drop(dropped);
    list = left;
    ASSERT_NO_FATAL_FAILURE(expect_entries(cache, list)) << "step " << step;
  }
}

// float32 throughout: d = 2 makes key and value 8 bytes each.
TEST(HeadCache, ChargesForWhatItStores) {
  EntryLayout layout;
  layout.head_dim = 2;
  EXPECT_EQ(layout.bytes(), 16);
  layout.raw_keys = true;
  EXPECT_EQ(layout.bytes(), 24);
  layout.birth_score = true;
  EXPECT_EQ(layout.bytes(), 28);
  layout.attention = true;
  EXPECT_EQ(layout.bytes(), 32);
  // Three vectors of 4 bytes in 16 bits, of 2 + 2 under q8, and the statistics in float32 as ever.
  layout.kv_dtype = KvDtype::kBfloat16;
  EXPECT_EQ(layout.bytes(), 20);
  layout.kv_dtype = KvDtype::kQ8;
  EXPECT_EQ(layout.bytes(), 20);
  layout.head_dim = 64;
  EXPECT_EQ(layout.bytes(), 3 * 68 + 8);
}

constexpr KvDtype kAll[] = {KvDtype::kFloat32, KvDtype::kBfloat16, KvDtype::kFloat16, KvDtype::kQ8};

EntryLayout layout_of_64_channels(KvDtype dtype, bool attention) {
  EntryLayout layout;
  layout.head_dim = 64;
  layout.kv_dtype = dtype;
  layout.attention = attention;
  return layout;
}

// Appends `count` entries behind those that are there.
void append_more(HeadCache& cache, std::int64_t count) {
  const std::vector<float> vector(64, 0.5F);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t position = cache.size() > 0 ? cache.positions().back() + 1 : 0;
    cache.append(position, 7, vector.data(), nullptr, vector.data(), 0);
  }
}

// What the allocator gave, counted by hand: positions and ids, 4 bytes each, and rows of keys and
// values.
TEST(HeadCache, CountsWhatItHasFromTheAllocator) {
  for (const KvDtype dtype : kAll) {
    const EntryLayout layout = layout_of_64_channels(dtype, true);
    HeadCache cache(layout);
    EXPECT_EQ(cache.allocated_bytes(), 0);
    for (std::int64_t j = 0; j < 1000; ++j) {
      append_more(cache, 1);
      if (cache.size() > 256) cache.drop({4});
      const std::int64_t an_entry = 8 + layout.bytes();
      ASSERT_EQ(cache.allocated_bytes() % an_entry, 0);  // all of it grows and is cut alike
      ASSERT_GE(cache.allocated_bytes(), cache.size() * an_entry);
    }
    EXPECT_EQ(cache.size(), 256);
  }
}

// After a prompt that is fed at once, and with each token behind it: kept whole, held to a budget
// token by token, and at every 16th.
TEST(HeadCache, HasLittleMoreFromTheAllocatorThanItsEntriesTake) {
  for (const KvDtype dtype : kAll) {
    for (const bool attention : {false, true}) {
      for (const std::int64_t prompt : {48, 100, 256, 1000}) {
        for (const std::int64_t interval : {0, 1, 16}) {
          HeadCache cache(layout_of_64_channels(dtype, attention));
          const auto expect_little = [&](std::int64_t token) {
            const std::int64_t in_use = cache.size() * cache.layout().bytes();
            ASSERT_LE(static_cast<double>(cache.allocated_bytes()),
                      1.15 * static_cast<double>(in_use))
                << to_string(dtype) << ", prompt " << prompt << ", interval " << interval
                << ", token " << token;
          };
          cache.reserve(prompt);
          append_more(cache, prompt);
          expect_little(prompt);
          for (std::int64_t token = 1; token <= 300; ++token) {
            append_more(cache, 1);
            if (interval > 0 && token % interval == 0) {
              std::vector<std::int64_t> oldest;
              for (std::int64_t j = 0; cache.size() - j > prompt; ++j) oldest.push_back(j + 4);
              cache.drop(oldest);
            }
            ASSERT_NO_FATAL_FAILURE(expect_little(token));
          }
        }
      }
    }
  }
}

TEST(HeadCache, HoldsRoundedKeysAndValues) {
  EntryLayout layout = full_layout();
  layout.kv_dtype = KvDtype::kBfloat16;
  HeadCache cache(layout);
  const float key[] = {1.0F + 1.0F / 256, 3};  // half way between two: to the even one
  const float raw_key[] = {1.0F + 3.0F / 256, 3};
  const float value[] = {-1.0F - 1.0F / 512, 3};
  cache.append(0, 1, key, raw_key, value, 1.00390625F);
  float read[2];
  widen_rows(cache.keys(), 1, read, 2);
  EXPECT_EQ(read[0], 1);
  widen_rows(cache.raw_keys(), 1, read, 2);
  EXPECT_EQ(read[0], 1.0F + 2.0F / 128);
  widen_rows(cache.values(), 1, read, 2);
  EXPECT_EQ(read[0], -1);
  EXPECT_EQ(cache.birth_scores()[0], 1.00390625F);  // statistics are float32
}

TEST(HeadCache, StoresNothingItsLayoutLeavesOut) {
  EntryLayout layout;
  layout.head_dim = 1;
  HeadCache cache(layout);
  const float one = 1;
  for (const std::int64_t position : {0, 1, 2}) cache.append(position, 7, &one, nullptr, &one, 0);
  cache.drop({1});
  EXPECT_EQ(positions_of(cache), (std::vector<std::int64_t>{0, 2}));
  EXPECT_EQ(cache.keys().floats()[1], 1);
}

// No entry can come back and none can come from the past.
TEST(HeadCache, TakesOnlyNewerPositions) {
  HeadCache cache(full_layout());
  append(cache, 5);
  EXPECT_THROW(append(cache, 5), std::logic_error);
  EXPECT_THROW(append(cache, 4), std::logic_error);
}

TEST(HeadCache, TakesNumbersOf31Bits) {
  constexpr std::int64_t kLargest = 2147483647;
  EntryLayout layout;
  layout.head_dim = 1;
  HeadCache cache(layout);
  const float one = 1;
  EXPECT_THROW(cache.append(0, kLargest + 1, &one, nullptr, &one, 0), std::logic_error);
  EXPECT_THROW(cache.append(0, -1, &one, nullptr, &one, 0), std::logic_error);
  EXPECT_THROW(cache.append(kLargest + 1, 0, &one, nullptr, &one, 0), std::logic_error);
  EXPECT_EQ(cache.size(), 0);
  cache.append(kLargest, kLargest, &one, nullptr, &one, 0);
  EXPECT_EQ(cache.positions().back(), kLargest);
  EXPECT_EQ(cache.token_ids().back(), kLargest);
}

}  // namespace
}  // namespace pressroom::head_cache_test
