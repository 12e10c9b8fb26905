// Damaged traces: each is refused with one clear Error.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "stream_test_support.h"
#include "trace/trace_codec.h"
#include "trace/trace_file.h"
#include "trace_test_support.h"

namespace pressroom::trace_damage_test {
namespace {

TEST(TraceDamage, EveryFlippedBitAndEveryCutIsNoticed) {
  const std::string bytes = trace_bytes(small_trace());
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    EXPECT_THROW(parse_trace(bytes.substr(0, at), "a.trace"), Error) << at;
    for (int bit = 0; bit < 8; ++bit) {
      std::string damaged = bytes;
      damaged[at] = static_cast<char>(damaged[at] ^ 1 << bit);
      EXPECT_THROW(parse_trace(damaged, "a.trace"), Error) << at << " bit " << bit;
    }
  }
  EXPECT_THROW(parse_trace(bytes + "x", "a.trace"), Error);
}

TEST(TraceDamage, RefusalsSayWhatTheFileIs) {
  using namespace std::string_literals;
  const ScratchFolder folder;
  const std::string whole = trace_bytes(small_trace());
  struct Case {
    std::string bytes, what;
  };
  for (const Case& c :
       std::vector<Case>{{"{\"json\": 1}", "not a trace"},
                         {"PRTRACE\n\2\0\0\0"s, "the trace is of another version of the format"},
                         {"PRTRACE\n\1\0"s, "not a whole trace"},
                         {whole.substr(0, whole.size() / 2), "not a whole trace"}}) {
    write_file(folder.path() / "a.trace", c.bytes);
    const Problem problem = problem_of([&] { read_trace(folder.path() / "a.trace"); });
    EXPECT_EQ(problem.what, c.what);
    EXPECT_EQ(problem.where, (folder.path() / "a.trace").string());
    EXPECT_FALSE(problem.fix.empty());
  }
  EXPECT_THROW(read_trace(folder.path() / "missing.trace"), Error);
}

// The sum agrees, the content does not.
TEST(TraceDamage, RefusesStreamsThatContradictTheShape) {
  using namespace std::string_literals;
  struct Case {
    int stream;
    std::string bytes, got;
  };
  for (const Case& c :
       std::vector<Case>{{kSteps, "\1\4"s, "steps of 4"},
                         {kSteps, "\1\6"s, "6"},
                         {kSteps, "\0\5"s, "an empty one"},
                         {kSteps, "\5\0"s, "an empty one"},
                         {kSteps, "\1"s, "its end"},
                         {kLeaving, "\0\0\1\0"s, "fewer"},
                         {kLeaving, "\0\0\1\0\2\0"s, "1 bytes"},
                         {kLeaving, "\0\0\4\0\2"s, "4"},
                         {kLeaving, "\0\0\1\0\3"s, "its end"},
                         {kLeaving, "\0\0\1\0\1"s, "1 bytes"},
                         {kLeaving, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"s, "72057594037927935"},
                         {kRankLow, "\3\1\1"s, "3"},
                         {kRankLow, "\1\1\3"s, "3"},
                         {kRankHigh, "\0\1\0"s, "1"},
                         {kScoreLow, "\0\0"s, "its end"},
                         {kScoreHigh, "\0\0\0\0"s, "1 bytes"}}) {
    TraceParts parts(trace_bytes(small_trace()));
    parts.streams[c.stream] = c.bytes;
    const Problem problem = problem_of([&] { parse_trace(parts.bytes(), "a.trace"); });
    EXPECT_EQ(problem.what, "not a whole trace");
    EXPECT_EQ(problem.where, "a.trace");
    EXPECT_EQ(problem.got, c.got) << "stream " << c.stream;
  }
  TraceParts parts(trace_bytes(small_trace()));
  parts.streams.emplace_back();
  EXPECT_EQ(problem_of([&] { parse_trace(parts.bytes(), ""); }).got, "more bytes");
  parts.streams.resize(5);
  EXPECT_THROW(parse_trace(parts.bytes(), ""), Error);
}

TEST(TraceDamage, RefusesImpossibleHeaders) {
  using Json = nlohmann::ordered_json;
  struct Case {
    const char* name;
    Json value;
  };
  for (const Case& c : std::vector<Case>{{"layers", 0},
                                         {"layers", 2},
                                         {"kv_heads", -1},
                                         {"kv_heads", 1.0},
                                         {"tokens", "5"},
                                         {"tokens", 6},
                                         {"tokens", 1LL << 40},
                                         {"layers", 1ULL << 63},
                                         {"kv_heads", 1 << 30},
                                         {"budget_tokens", -1},
                                         {"positions", "rotated"},
                                         {"scores", "float16"},
                                         {"scores", Json()},
                                         {"model", 3},
                                         {"document", Json()}}) {
    TraceParts parts(trace_bytes(small_trace()));
    parts.header[c.name] = c.value;
    const Problem problem = problem_of([&] { parse_trace(parts.bytes(), "a.trace"); });
    EXPECT_EQ(problem.what, "not a whole trace") << c.name << " " << c.value;
    parts.header.erase(c.name);
    EXPECT_THROW(parse_trace(parts.bytes(), "a.trace"), Error) << "without " << c.name;
  }
}

}  // namespace
}  // namespace pressroom::trace_damage_test
