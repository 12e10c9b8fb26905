// The headers of GGUF files, from the format's definition.
#include <cmath>
#include <limits>

#include "gguf/gguf_file.h"
#include "gguf_builder.h"
#include "stream_test_support.h"

namespace pressroom::gguf_test {
namespace {

const std::string kFloats = encoded({1, 2, 3, 4, 5, 6}, "F32");

class Gguf : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "model.gguf"; }

  GgufFile open(const std::string& bytes) {
    write_file(path(), bytes);
    return GgufFile(path());
  }

  // What opening a file of these bytes throws; the file itself must be named.
  Problem opening(const std::string& bytes) {
    write_file(path(), bytes);
    Problem problem = problem_of([this] { GgufFile file(path()); });
    EXPECT_EQ(problem.what, "not a whole GGUF file");
    EXPECT_EQ(problem.where, path().string());
    return problem;
  }

  ScratchFolder folder_;
};

TEST_F(Gguf, ReadsValuesOfEveryType) {
  GgufBuilder gguf;
  gguf.pair("u8", 0, "\xff").pair("i8", 1, "\xff");
  gguf.pair("u16", 2, little_endian<std::uint16_t>(65535));
  gguf.pair("i16", 3, little_endian<std::int16_t>(-2));
  gguf.pair("u32", 4, little_endian<std::uint32_t>(4294967295));
  gguf.pair("i32", 5, little_endian<std::int32_t>(-3));
  gguf.pair("f32", 6, little_endian(0.5F)).pair("no", 7, std::string(1, '\0')).pair("yes", 7, "\1");
  gguf.pair("text", 8, gguf_text(std::string("a\0\xff", 3)));
  gguf.pair("u64", 10, little_endian<std::uint64_t>(1) + "").pair("f64", 12, little_endian(0.1));
  gguf.pair("i64", 11, little_endian(std::numeric_limits<std::int64_t>::min()));
  const auto array = [](std::uint32_t type, std::uint64_t count, const std::string& values) {
    return little_endian(type) + little_endian(count) + values;
  };
  gguf.pair("bytes", 9, array(1, 2, "\xfe\x01"));
  gguf.pair("floats", 9, array(6, 2, little_endian(1.5F) + little_endian(-2.0F)));
  gguf.pair("texts", 9, array(8, 2, gguf_text("") + gguf_text("bc")));
  gguf.pair("none", 9, array(8, 0, ""));
  gguf.pair("flags", 9, array(7, 2, std::string("\1\0", 2)));

  const GgufFile file = open(gguf.bytes());
  const std::vector<std::pair<std::string, std::int64_t>> whole = {
      {"u8", 255},         {"i8", -1},  {"u16", 65535}, {"i16", -2},
      {"u32", 4294967295}, {"i32", -3}, {"u64", 1},     {"i64", INT64_MIN}};
  for (const auto& [key, value] : whole) EXPECT_EQ(file.integer(key), value) << key;
  EXPECT_EQ(file.number("f32"), 0.5);
  EXPECT_EQ(file.number("f64"), 0.1);
  EXPECT_EQ(file.number("u8"), 255.0) << "a whole number is a number";
  EXPECT_TRUE(file.flag("yes"));
  EXPECT_FALSE(file.flag("no"));
  EXPECT_EQ(file.text("text"), std::string("a\0\xff", 3));
  EXPECT_EQ(file.integers("bytes"), (std::vector<std::int64_t>{-2, 1}));
  EXPECT_EQ(file.numbers("floats"), (std::vector<double>{1.5, -2}));
  EXPECT_EQ(file.texts("texts"), (std::vector<std::string>{"", "bc"}));
  EXPECT_TRUE(file.texts("none").empty());
  EXPECT_TRUE(file.has("flags"));
  EXPECT_FALSE(file.has("flag"));
}

// A value may be any uint64.
TEST_F(Gguf, HoldsNumbersOf2To63AndMoreUnderKeysThatNobodyReads) {
  const std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const auto array = [](std::uint64_t a, std::uint64_t b) {
    return little_endian<std::uint32_t>(10) + little_endian<std::uint64_t>(2) + little_endian(a) +
           little_endian(b);
  };
  const auto number = [](std::uint64_t value) { return little_endian(value); };
  GgufBuilder gguf;
  gguf.pair("most", 10, number(most)).pair("seeds", 9, array(1, most / 2 + 1));
  gguf.pair("fits", 10, number(most / 2)).pair("fitting", 9, array(1, most / 2));
  const GgufFile file = open(gguf.whole("after", 7).bytes());
  EXPECT_EQ(file.integer("after"), 7);
  EXPECT_EQ(file.integer("fits"), INT64_MAX);
  EXPECT_EQ(file.integers("fitting"), (std::vector<std::int64_t>{1, INT64_MAX}));
  EXPECT_TRUE(file.has("most") && file.has("seeds"));
  EXPECT_EQ(problem_of([&] { file.integer("most"); }).got, "a whole number of 2^63 or more");
  EXPECT_EQ(problem_of([&] { file.integers("seeds"); }).got,
            "an array of whole numbers, some of 2^63 or more");
}

TEST_F(Gguf, ReadsTensorsOfBothVersionsAtAnyAlignment) {
  for (const std::uint32_t version : {2, 3}) {
    for (const std::uint32_t alignment : {1, 8, 32, 4096}) {
      GgufBuilder gguf;
      gguf.alignment(alignment);
      gguf.tensor("b", 0, {2, 3}, kFloats).tensor("a", 0, {1}, kFloats.substr(20));
      const GgufFile file = open(gguf.bytes(version));
      ASSERT_EQ(file.tensors().size(), 2U);
      EXPECT_EQ(file.tensors().at("b").shape, (std::vector<std::int64_t>{2, 3}));
      EXPECT_EQ(file.tensors().at("b").bytes, kFloats);
      EXPECT_EQ(file.tensors().at("a").bytes, kFloats.substr(20));
    }
  }
}

TEST_F(Gguf, RefusesADamagedPreamble) {
  struct Case {
    std::string bytes, expected, got;
  };
  const std::string counts(16, '\0');
  const std::vector<Case> cases = {
      {"GG", "begins with \"GGUF\"", "\"GG\""},
      {"GGML" + counts, "begins with \"GGUF\"", "\"GGML\""},
      {"GGUF", "4 bytes for the version", "0 bytes left at byte 4"},
      {"GGUF" + little_endian<std::uint32_t>(1) + counts, "version 2 or 3", "version 1"},
      {"GGUF" + little_endian<std::uint32_t>(4) + counts, "version 2 or 3", "version 4"},
      {std::string("GGUF\0\0\0\3", 8) + counts, "little endian", "big-endian"},
      {"GGUF" + little_endian<std::uint32_t>(3) + std::string(16, '\xff'), "at most 0 tensors",
       "18446744073709551615 announced"},
      {"GGUF" + little_endian<std::uint32_t>(3) + std::string(8, '\0') + std::string(8, '\x7f'),
       "at most 0 keys", "announced"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.bytes);
    const Problem problem = opening(c.bytes);
    EXPECT_TRUE(has(problem.expected, c.expected)) << problem.text();
    EXPECT_TRUE(has(problem.got, c.got)) << problem.text();
  }
}

TEST_F(Gguf, RefusesValuesThatCannotBe) {
  struct Case {
    std::uint32_t type;
    std::string value, expected, got;
  };
  const auto array = [](std::uint32_t type, std::uint64_t count) {
    return little_endian(type) + little_endian(count) + "12345678";
  };
  const std::vector<Case> cases = {
      {13, "", "a type from 0 to 12 for \"k\"", "type 13"},
      {9, array(9, 1), "an array of numbers, flags or texts for \"k\"", "type 9"},
      {9, array(99, 1), "an array of numbers, flags or texts for \"k\"", "type 99"},
      {9, array(0, 9), "at most 8 values of an array", "9 announced"},
      {9, array(8, 2), "at most 1 values of an array", "2 announced"},
      {9, array(12, 1ULL << 61), "at most 1 values", "2305843009213693952 announced"},
      {8, little_endian<std::uint64_t>(1) + "", "1 bytes for the text", "0 bytes left"},
      {4, "", "4 bytes for the whole number", "0 bytes left"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.expected);
    const Problem problem = opening(GgufBuilder().pair("k", c.type, c.value).bytes());
    EXPECT_TRUE(has(problem.expected, c.expected)) << problem.text();
    EXPECT_TRUE(has(problem.got, c.got)) << problem.text();
  }
  const Problem twice = opening(GgufBuilder().whole("k", 1).whole("k", 2).bytes());
  EXPECT_EQ(twice.got, "\"k\" twice in the header");
}

TEST_F(Gguf, RefusesImpossibleTensors) {
  struct Case {
    GgufBuilder gguf;
    std::string expected, got;
  };
  const auto one = [](std::uint32_t type, const std::vector<std::int64_t>& shape) {
    return GgufBuilder().tensor("a", type, shape, std::string(64, '\0'));
  };
  constexpr std::int64_t kLarge = 1LL << 40;
  const auto huge = std::numeric_limits<std::uint64_t>::max() - 31;
  const std::vector<Case> cases = {
      {one(0, {17}), "68 bytes for \"a\" [17]", "64 bytes left"},
      {one(2, {4, 32}), "72 bytes for \"a\" [4, 32]", "64 bytes left"},
      {one(2, {32, 4}), "rows of whole blocks of 32 for \"a\" Q4_0", "[32, 4]"},
      {one(12, {}), "rows of whole blocks of 256 for \"a\" Q4_K", "[]"},
      {one(0, {-1}), "a possible shape for \"a\"", "[-1]"},
      {one(0, {kLarge, kLarge}), "a possible shape for \"a\"", "[1099511627776, 1099511627776]"},
      {one(0, {1, 1, 1, 1, 1}), "at most 4 extents for \"a\"", "5"},
      {one(0, {8}).tensor_at("b", 0, {1}, 60), "\"b\" at a multiple of 32 within 64", "at 60"},
      {one(0, {16}).tensor_at("b", 0, {1}, 96), "\"b\" at a multiple of 32 within 64", "at 96"},
      {one(0, {16}).tensor_at("b", 0, {1}, huge), "\"b\" at a multiple of 32 within 64",
       "at 18446744073709551584"},
      {one(0, {16}).tensor_at("b", 0, {8}, 32), "tensors that do not overlap",
       "\"a\" and \"b\" overlap"},
      {one(0, {8}).tensor_at("a", 0, {8}, 32), "every tensor named once",
       "\"a\" twice in the header"},
      {GgufBuilder().whole("general.alignment", 0x80000000U).tensor("a", 0, {1}, kFloats),
       "general.alignment from 1 to 1048576", "2147483648"},
      {GgufBuilder().text("general.alignment", "8").tensor("a", 0, {1}, kFloats),
       "general.alignment from 1", "no whole number"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.expected);
    const Problem problem = opening(c.gguf.bytes());
    EXPECT_TRUE(has(problem.expected, c.expected)) << problem.text();
    EXPECT_TRUE(has(problem.got, c.got)) << problem.text();
  }
}

TEST_F(Gguf, NamesAKeyThatIsMissingOrOfAnotherType) {
  const GgufFile file = open(GgufBuilder().text("a", "x").bytes());
  const Problem missing = problem_of([&] { file.integer("b"); });
  EXPECT_EQ(missing.where, path().string() + ": b");
  EXPECT_EQ(missing.expected, "a whole number");
  EXPECT_EQ(missing.got, "nothing");
  const Problem other = problem_of([&] { file.texts("a"); });
  EXPECT_EQ(other.where, path().string() + ": a");
  EXPECT_EQ(other.expected, "an array of texts");
  EXPECT_EQ(other.got, "a text");
}

}  // namespace
}  // namespace pressroom::gguf_test
