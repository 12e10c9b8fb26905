// The file of an eviction trace: that it holds what it was given, its bytes, damage, and its size.
#include "trace/trace_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "stream_test_support.h"
#include "trace/stream_bytes.h"
#include "trace/trace_codec.h"
#include "trace_test_support.h"

namespace pressroom::trace_file_test {
namespace {

constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// What a bfloat16 can hold of a normal number.
float rounded(float score) {
  if (!std::isfinite(score) || score == 0) return score;
  int exponent = 0;
  const double fraction = std::frexp(static_cast<double>(score), &exponent);
  return static_cast<float>(std::ldexp(std::nearbyint(std::ldexp(fraction, 8)), exponent - 8));
}

bool same_float(float a, float b) {
  return a == b ? std::signbit(a) == std::signbit(b) : std::isnan(a) && std::isnan(b);
}

void expect_same(const Trace& read, const Trace& written) {
  EXPECT_EQ(read.tokens_per_step, written.tokens_per_step);
  EXPECT_EQ(read.with_scores, written.with_scores);
  ASSERT_EQ(read.layers(), written.layers());
  for (std::int64_t l = 0; l < read.layers(); ++l) {
    ASSERT_EQ(read.evictions[l].size(), written.evictions[l].size());
    for (std::size_t g = 0; g < read.evictions[l].size(); ++g) {
      const EvictionLog& one = read.evictions[l][g];
      const EvictionLog& other = written.evictions[l][g];
      ASSERT_EQ(one.evicted_after, other.evicted_after) << "layer " << l << " head " << g;
      for (std::size_t j = 0; j < one.score.size(); ++j) {
        const bool has_score = written.with_scores && other.evicted_after[j] != kNeverLeaves;
        const float score = has_score ? rounded(other.score[j]) : kNan;
        ASSERT_TRUE(same_float(one.score[j], score)) << one.score[j] << " is not " << score;
      }
    }
  }
}

Indices random_steps(std::int64_t tokens, Dice& dice) {
  const std::int64_t widest = 1 + dice.below(tokens);
  Indices steps;
  for (std::int64_t left = tokens; left > 0; left -= steps.back()) {
    steps.push_back(std::min(left, 1 + (dice.below(2) == 0 ? 0 : dice.below(widest))));
  }
  return steps;
}

EvictionLog random_head(const Indices& last_tokens, Dice& dice) {
  const float special[] = {kNan,
                           0.0F,
                           -0.0F,
                           std::numeric_limits<float>::infinity(),
                           -std::numeric_limits<float>::infinity(),
                           3.4e38F};
  const std::int64_t tokens = last_tokens.back() + 1;
  EvictionLog head(tokens);
  const std::int64_t one_stays_in = 1 + dice.below(5);
  for (std::int64_t j = 0; j < tokens; ++j) {
    if (dice.below(one_stays_in) == 1) continue;
    const auto first = std::lower_bound(last_tokens.begin(), last_tokens.end(), j);
    const std::int64_t step = dice.below(last_tokens.end() - first);
    const auto score =
        static_cast<float>(std::exp(60 * dice.uniform() - 30) * (dice.below(2) == 0 ? 1 : -1));
    const std::int64_t odd = dice.below(12);
    head.leaves(j, first[step], odd < 5 ? special[odd] : score);
  }
  return head;
}

TEST(TraceFile, ReadsBackWhatWasWritten) {
  const ScratchFolder folder;
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    Dice dice(seed);
    Trace trace = trace_with(random_steps(1 + dice.below(600), dice), {});
    trace.evictions.resize(1 + dice.below(3));
    const std::int64_t heads = 1 + dice.below(3);
    const Indices last_tokens = trace.last_tokens();
    for (std::vector<EvictionLog>& layer : trace.evictions) {
      for (std::int64_t g = 0; g < heads; ++g) layer.push_back(random_head(last_tokens, dice));
    }
    trace.with_scores = dice.below(4) != 0;
    SCOPED_TRACE(seed);
    write_trace(folder.path() / "a.trace", trace);
    expect_same(read_trace(folder.path() / "a.trace"), trace);
    if (HasFatalFailure()) return;
  }
}

TEST(TraceFile, ReadsBackTheHeader) {
  Trace trace = small_trace();
  trace.header = {"Org/Model",
                  "{name: h2o, recent: 48}",
                  "{kind: chunked, chunk_size: 16}",
                  48,
                  Positions::kOriginal,
                  "b\xc3\xa9.txt\n",
                  std::string(64, 'f'),
                  "q8"};
  const TraceHeader read = parse_trace(trace_bytes(trace), "a.trace").header;
  EXPECT_EQ(read.model, trace.header.model);
  EXPECT_EQ(read.method, trace.header.method);
  EXPECT_EQ(read.protocol, trace.header.protocol);
  EXPECT_EQ(read.budget_tokens, 48);
  EXPECT_EQ(read.positions, Positions::kOriginal);
  EXPECT_EQ(read.document, trace.header.document);
  EXPECT_EQ(read.ids_sha256, trace.header.ids_sha256);
  EXPECT_EQ(read.kv_dtype, "q8");
  EXPECT_EQ(parse_trace(trace_bytes(small_trace()), "").header.positions, Positions::kCacheIndex);
  EXPECT_EQ(parse_trace(trace_bytes(small_trace()), "").header.kv_dtype, "float32");
}

// By hand: after token 2 entries 0 1 2 are held, and 1 is older than one; after token 4 of 0 2 3 4
// entry 3 is older than one and then, of 0 2 4, entry 0 is older than two, one more than before. As
// bfloat16, 1 is 3f80 and 0.5 is 3f00; with the sign bit set bf80 and bf00; the differences -4080,
// 0 and -80 (hexadecimal) are 80ff, 0 and ff.
TEST(TraceFile, HasTheBytesOfTheDocumentedFormat) {
  using namespace std::string_literals;
  const std::string bytes = trace_bytes(small_trace());
  EXPECT_EQ(bytes.substr(0, 12), "PRTRACE\n\1\0\0\0"s);
  const TraceParts parts(bytes);
  EXPECT_EQ(parts.header.dump(),
            R"({"model":"tiny","method":"h2o","protocol":"stream","budget_tokens":3,)"
            R"("positions":"cache_index","document":"a.txt","ids_sha256":"abcd","layers":1,)"
            R"("kv_heads":1,"tokens":5,"scores":"bfloat16"})");
  EXPECT_EQ(parts.streams, (std::vector<std::string>{"\1\5"s, "\0\0\1\0\2"s, "\1\1\1"s, "\0\0\0"s,
                                                     "\xff\0\xff"s, "\x80\0\0"s}));
  EXPECT_EQ(number_at(bytes, bytes.size() - 4, 4), crc32_of(bytes.substr(0, bytes.size() - 4)));
  EXPECT_EQ(crc32_of("123456789"), 0xcbf43926U) << "the check value of CRC-32";
  EXPECT_EQ(parts.bytes(), bytes);
}

TEST(TraceFile, WithoutScoresHasNoStreamsOfThem) {
  Trace trace = small_trace();
  trace.with_scores = false;
  const TraceParts parts(trace_bytes(trace));
  EXPECT_EQ(parts.streams.size(), 4U);
  EXPECT_TRUE(parts.header["scores"].is_null());
}

TEST(TraceFile, ScoresKeepTheirOrderInTwoBytes) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> ascending = {-inf, -2e30F, -1, -1e-30F, -0.0F, 0, 1e-30F, 0.5F, 1, inf};
  for (std::size_t i = 1; i < ascending.size(); ++i) {
    EXPECT_LT(ordered_score(ascending[i - 1]), ordered_score(ascending[i])) << ascending[i];
  }
  for (const int from : {0, 1, 0x7fff, 0x8000, 0xffff}) {
    for (int to = 0; to <= 0xffff; ++to) {
      ASSERT_EQ(changed_score(from, change_of_score(from, to)), to) << "from " << from;
    }
  }
  EXPECT_EQ(change_of_score(7, 7), 0);
  EXPECT_EQ(change_of_score(7, 6), 1);
  EXPECT_EQ(change_of_score(7, 8), 2);
  EXPECT_EQ(change_of_score(0xffff, 0), 2) << "differences wrap around";
}

// Whatever the streams say, the reader either refuses it or returns a trace that can be written.
TEST(TraceFile, ChangedStreamsAreRefusedOrAreATrace) {
  Dice dice(7);
  Trace trace = trace_with(random_steps(40, dice), {});
  const Indices last_tokens = trace.last_tokens();
  trace.evictions = {{random_head(last_tokens, dice), random_head(last_tokens, dice)}};
  const TraceParts whole(trace_bytes(trace));
  int refused = 0;
  int read = 0;
  for (int round = 0; round < 3000; ++round) {
    TraceParts parts = whole;
    std::string& stream = parts.streams[dice.below(6)];
    for (std::int64_t changes = 1 + dice.below(3); changes > 0 && !stream.empty(); --changes) {
      stream[dice.below(stream.size())] = static_cast<char>(dice.below(256));
      if (dice.below(8) == 0) stream.pop_back();
    }
    try {
      const Trace changed = parse_trace(parts.bytes(), "a.trace");
      ++read;
      expect_same(parse_trace(trace_bytes(changed), "again"), changed);
    } catch (const Error&) {
      ++refused;
    }
  }
  EXPECT_GT(refused, 500);
  EXPECT_GT(read, 500);
}

double bytes_per_entry(const Trace& trace) {
  const std::int64_t entries = trace.layers() * trace.kv_heads() * trace.tokens();
  return static_cast<double>(trace_bytes(trace).size()) / static_cast<double>(entries);
}

// Heavy hitters of `budget`, half of it recent, when attention is a noisy, heavy-tailed property of
// the entry. Every step but the first ones drops the lowest sum.
EvictionLog heavy_hitters(std::int64_t tokens, std::int64_t budget, Dice& dice) {
  EvictionLog head(tokens);
  Indices held;
  std::vector<double> weight(tokens), sum(tokens, 0), query(tokens);
  for (std::int64_t t = 0; t < tokens; ++t) {
    held.push_back(t);
    weight[t] = std::exp(3 * (dice.uniform() + dice.uniform() + dice.uniform()));
    double total = 0;
    for (const std::int64_t j : held) total += query[j] = weight[j] * -std::log(dice.uniform());
    for (const std::int64_t j : held) sum[j] += query[j] / total;
    if (static_cast<std::int64_t>(held.size()) <= budget) continue;
    const auto lowest =
        std::min_element(held.begin(), held.end() - budget / 2,
                         [&](std::int64_t i, std::int64_t j) { return sum[i] < sum[j]; });
    head.leaves(*lowest, t, static_cast<float>(sum[*lowest]));
    held.erase(lowest);
  }
  return head;
}

TEST(TraceFile, SizeOfHeavyHittersIsBelowTwoBytesAnEntry) {
  for (const std::int64_t budget : {410, 1024, 2048}) {
    Dice dice(static_cast<std::uint32_t>(budget));
    Trace trace = trace_with(
        Indices(4096, 1), {{heavy_hitters(4096, budget, dice), heavy_hitters(4096, budget, dice)}});
    EXPECT_LT(bytes_per_entry(trace), 2.0) << "budget " << budget;
    RecordProperty("with_scores_" + std::to_string(budget), std::to_string(bytes_per_entry(trace)));
    trace.with_scores = false;
    EXPECT_LT(bytes_per_entry(trace), 1.25) << "budget " << budget;
    RecordProperty("plain_" + std::to_string(budget), std::to_string(bytes_per_entry(trace)));
  }
}

// The oldest non-sink leaves every time: one rank and nothing else.
TEST(TraceFile, SizeOfASlidingWindowIsNextToNothing) {
  EvictionLog head(4096);
  for (std::int64_t t = 256; t < 4096; ++t) head.leaves(t - 252, t, 0.25F);
  const Trace trace = trace_with(Indices(4096, 1), {{head, head}});
  EXPECT_LT(trace_bytes(trace).size(), 500U);
}

}  // namespace
}  // namespace pressroom::trace_file_test
