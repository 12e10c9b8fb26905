#include "weights/safetensors.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>

#include "stream_test_support.h"
#include "weights/weight_source.h"

namespace pressroom::safetensors_test {
namespace {

const std::string kPair = "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}";

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape +
         ",\"data_offsets\":" + offsets + "}";
}

class Safetensors : public testing::Test {
 protected:
  std::filesystem::path path() const { return folder_.path() / "model.safetensors"; }

  // What opening a file of these bytes throws; the file itself must be named.
  Problem opening(const std::string& bytes) {
    write_file(path(), bytes);
    Problem problem = problem_of([this] { SafetensorsFile file(path()); });
    EXPECT_TRUE(has(problem.where, path().string())) << problem.text();
    EXPECT_FALSE(problem.expected.empty()) << problem.text();
    EXPECT_FALSE(problem.got.empty()) << problem.text();
    return problem;
  }

  at::Tensor read(const std::string& name, const std::vector<std::int64_t>& shape) {
    return read_tensor(SafetensorsFile(path()), name, shape);
  }

  ScratchFolder folder_;
};

TEST_F(Safetensors, RefusesWhatIsNoFile) {
  const Problem missing = problem_of([this] { SafetensorsFile file(path()); });
  EXPECT_EQ(missing.where, path().string());
  EXPECT_EQ(missing.got, "No such file or directory");
  const Problem directory = problem_of([this] { SafetensorsFile file(folder_.path()); });
  EXPECT_EQ(directory.where, folder_.path().string());
  EXPECT_EQ(directory.got, "not a regular file");
}

TEST_F(Safetensors, RefusesADamagedHeader) {
  struct Case {
    std::string bytes, expected, got;
  };
  const std::string huge = std::string(8, '\xff') + "{}";
  const std::vector<Case> cases = {
      {"", "a file that can be read", "an empty file"},
      {std::string("\x02\0\0\0", 4), "at least 8 bytes", "4 bytes"},
      {std::string("\x03\0\0\0\0\0\0\0{}", 10), "at most 2 bytes", "3 bytes announced"},
      {huge, "at most 2 bytes", "18446744073709551615 bytes announced"},
      {safetensors_bytes("", ""), "a JSON header", "parse error"},
      {safetensors_bytes("{\"a\"", ""), "a JSON header", "parse error"},
      {safetensors_bytes("{\"a\xff\":1}", ""), "a JSON header", "ill-formed UTF-8"},
      {safetensors_bytes("[1]", ""), "a JSON object", "array"},
      {safetensors_bytes("{" + kPair + "," + kPair + "}", std::string(8, '\0')), "named once",
       "\"a\" twice"},
      {safetensors_bytes("{\"a\":7}", ""), "dtype, shape and data_offsets for \"a\"", "7"},
      {safetensors_bytes("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", ""),
       "dtype, shape and data_offsets for \"a\"", "\"shape\":[1]"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.bytes);
    const Problem problem = opening(c.bytes);
    EXPECT_TRUE(has(problem.expected, c.expected)) << problem.text();
    EXPECT_TRUE(has(problem.got, c.got)) << problem.text();
  }
}

// Sparse, so the file takes no room; it is refused before a byte of it is brought in.
TEST_F(Safetensors, RefusesAHeaderThatIsTooLongForAnyModel) {
  write_file(path(), std::string("\x01\xe1\xf5\x05\0\0\0\0", 8));
  std::filesystem::resize_file(path(), 200000000);
  const Problem problem = problem_of([this] { SafetensorsFile file(path()); });
  EXPECT_EQ(problem.expected, "a header of at most 100000000 bytes");
  EXPECT_EQ(problem.got, "100000001 bytes announced");
}

TEST_F(Safetensors, RefusesBytesThatNoTensorHas) {
  const std::string second = entry("b", "F32", "[1]", "[12,16]");
  const Problem gap =
      opening(safetensors_bytes("{" + kPair + "," + second + "}", std::string(16, '\0')));
  EXPECT_EQ(gap.got, "a gap before \"b\"");
  const Problem rest = opening(safetensors_bytes("{" + kPair + "}", std::string(11, '\0')));
  EXPECT_EQ(rest.got, "3 bytes");
}

TEST_F(Safetensors, RefusesImpossibleTensors) {
  struct Case {
    std::string header, expected, got;
  };
  const std::vector<Case> cases = {
      {entry("a", "F32", "[2]", "[0,12]"), "\"a\" within 8 data bytes", "[0,12]"},
      {entry("a", "F32", "[2]", "[8,16]"), "\"a\" within 8 data bytes", "[8,16]"},
      {entry("a", "F32", "[2]", "[8,0]"), "\"a\" within 8 data bytes", "[8,0]"},
      {entry("a", "F32", "[2]", "[-8,0]"), "\"a\" within 8 data bytes", "[-8,0]"},
      {entry("a", "F32", "[2]", "[0]"), "\"a\" within 8 data bytes", "[0]"},
      {entry("a", "F32", "[3]", "[0,8]"), "12 bytes for \"a\" [3]", "8 bytes"},
      {entry("a", "F16", "[2]", "[0,8]"), "4 bytes for \"a\" [2]", "8 bytes"},
      {entry("a", "F32", "[]", "[0,8]"), "4 bytes for \"a\" []", "8 bytes"},
      {entry("a", "F32", "[-2]", "[0,8]"), "a possible shape for \"a\"", "[-2]"},
      {entry("a", "F32", "[-1,-2]", "[0,8]"), "a possible shape for \"a\"", "[-1, -2]"},
      // 4 * 2^31 * 2^31 bytes = 2^64, which wraps to nothing in 64 bits.
      {entry("a", "F32", "[2147483648,2147483648]", "[0,0]"), "a possible shape for \"a\"",
       "[2147483648, 2147483648]"},
      {entry("a", "F32", "[2.5]", "[0,8]"), "dtype, shape and data_offsets for \"a\"", "2.5"},
      {entry("a", "F32", "[2]", "[0.5,8]"), "dtype, shape and data_offsets for \"a\"", "0.5"},
      {entry("a", "F32", "[1]", "[0,4]") + "," + entry("b", "F32", "[1]", "[2,6]"),
       "tensors that do not overlap", "\"a\" and \"b\" overlap"},
      {entry("b", "F32", "[2]", "[0,8]") + "," + entry("a", "F32", "[1]", "[4,8]"),
       "tensors that do not overlap", "\"b\" and \"a\" overlap"},
      {entry("a", "I8", "[8]", "[0,9]"), "\"a\" within 8 data bytes", "[0,9]"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.header);
    const Problem problem = opening(safetensors_bytes("{" + c.header + "}", std::string(8, '\0')));
    EXPECT_TRUE(has(problem.expected, c.expected)) << problem.text();
    EXPECT_TRUE(has(problem.got, c.got)) << problem.text();
  }
}

// Nesting a million deep must neither crash nor come back as a million brackets of message.
TEST_F(Safetensors, RefusesDeepNestingInFewWords) {
  const std::size_t depth = 1000000;
  const std::string deep = std::string(depth, '[') + std::string(depth, ']');
  const Problem problem = opening(safetensors_bytes("{\"a\":" + deep + "}", ""));
  EXPECT_LT(problem.text().size(), 2000U);
}

TEST_F(Safetensors, RefusesAnUnknownDtypeOnlyWhenItIsRead) {
  const std::string header =
      "{" + entry("a", "F32", "[1]", "[0,4]") + "," + entry("b", "I32", "[1]", "[4,8]") + "}";
  write_file(path(), safetensors_bytes(header, encoded({1.5F, 0}, "F32")));
  EXPECT_EQ(read("a", {1}).item<float>(), 1.5F);
  const Problem problem = problem_of([this] { read("b", {1}); });
  EXPECT_EQ(problem.where, path().string() + ": b");
  EXPECT_EQ(problem.expected, "F32, F16 or BF16");
  EXPECT_EQ(problem.got, "I32");
}

TEST_F(Safetensors, RefusesAMissingTensorAndNamesTheNearest) {
  write_file(path(), safetensors_bytes({{"model.norm.weight", {{1}, {1}}}}, "F32"));
  const Problem problem = problem_of([this] { read("model.norms.weight", {1}); });
  EXPECT_EQ(problem.where, path().string());
  EXPECT_EQ(problem.expected, "\"model.norms.weight\" [1]");
  EXPECT_TRUE(has(problem.got, "there is \"model.norm.weight\"")) << problem.text();
  EXPECT_FALSE(SafetensorsFile(path()).contains("model.norms.weight"));
}

TEST_F(Safetensors, RefusesAnotherShape) {
  write_file(path(), safetensors_bytes({{"a", {{2, 3}, std::vector<float>(6, 1)}}}, "F32"));
  for (const std::vector<std::int64_t>& shape :
       std::vector<std::vector<std::int64_t>>{{3, 2}, {6}, {2, 3, 1}, {}}) {
    const Problem problem = problem_of([&] { read("a", shape); });
    EXPECT_EQ(problem.where, path().string() + ": a");
    EXPECT_EQ(problem.got, "[2, 3]");
  }
  EXPECT_EQ(problem_of([this] { read("a", {3, 2}); }).expected, "[3, 2]");
}

TEST_F(Safetensors, RefusesWeightsThatAreNotFinite) {
  struct Case {
    std::string dtype, data, got;
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<Case> cases = {
      {"F32", encoded({1, nan, 2}, "F32"), "1 of 3 values"},
      {"F32", encoded({infinity, 1, -infinity}, "F32"), "2 of 3 values"},
      {"F16", std::string("\x00\x7c\x00\x00\x00\x00", 6), "1 of 3 values"},   // infinity
      {"BF16", std::string("\x00\x00\xc0\x7f\x00\x00", 6), "1 of 3 values"},  // NaN
  };
  for (const Case& c : cases) {
    const std::string size = std::to_string(c.data.size());
    const std::string header = "{" + entry("a", c.dtype, "[3]", "[0," + size + "]") + "}";
    write_file(path(), safetensors_bytes(header, c.data));
    const Problem problem = problem_of([this] { read("a", {3}); });
    EXPECT_EQ(problem.where, path().string() + ": a");
    EXPECT_TRUE(has(problem.got, c.got)) << problem.text();
  }
}

// The bits of IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction.
TEST_F(Safetensors, ConvertsFloat16ByItsBits) {
  const std::vector<std::pair<std::uint16_t, double>> cases = {
      {0x0000, 0.0},
      {0x3c00, 1.0},
      {0xc000, -2.0},
      {0x3555, 1365.0 / 4096},       // 2^-2 * (1 + 341/1024), the nearest to 1/3
      {0x7bff, 65504.0},             // the largest
      {0x0400, std::ldexp(1, -14)},  // the smallest normal number
      {0x0001, std::ldexp(1, -24)},  // the smallest of all
      {0x83ff, -std::ldexp(1023, -24)},
  };
  std::string data;
  for (const auto& [bits, value] : cases) {
    data += {static_cast<char>(bits & 0xff), static_cast<char>(bits >> 8)};
  }
  write_file(path(), safetensors_bytes("{" + entry("a", "F16", "[8]", "[0,16]") + "}", data));
  const at::Tensor tensor = read("a", {8});
  EXPECT_EQ(tensor.scalar_type(), at::kFloat);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(tensor.data_ptr<float>()[i], static_cast<float>(cases[i].second)) << i;
  }
}

// bfloat16 is the upper half of a float32: 1 sign, 8 exponent (bias 127), 7 fraction. One byte of
// padding puts the values at an odd offset, where they cannot be read in place.
TEST_F(Safetensors, ConvertsBfloat16ByItsBitsAtAnyOffset) {
  const std::vector<std::pair<std::uint16_t, double>> cases = {
      {0x0000, 0.0},
      {0x3f80, 1.0},
      {0xc049, -3.140625},             // -2 * (1 + 73/128)
      {0x7f7f, std::ldexp(255, 120)},  // the largest
      {0x0080, std::ldexp(1, -126)},   // the smallest normal number
      {0x0001, std::ldexp(1, -133)},   // the smallest of all
  };
  std::string data = "?";
  for (const auto& [bits, value] : cases) {
    data += {static_cast<char>(bits & 0xff), static_cast<char>(bits >> 8)};
  }
  write_file(path(), safetensors_bytes("{" + entry("mask", "U8", "[1]", "[0,1]") + "," +
                                           entry("a", "BF16", "[2,3]", "[1,13]") + "}",
                                       data));
  const at::Tensor tensor = read("a", {2, 3});
  for (std::size_t i = 0; i < cases.size(); ++i) {
    EXPECT_EQ(tensor.data_ptr<float>()[i], static_cast<float>(cases[i].second)) << i;
  }
}

TEST_F(Safetensors, ReadsTensorsInRowOrderWhateverTheOrderInTheFile) {
  const std::string header =
      "{\"__metadata__\":{\"format\":\"pt\"}," + entry("z", "F32", "[2,2]", "[4,20]") + "," +
      entry("empty", "F32", "[0,3]", "[4,4]") + "," + entry("none", "F32", "[0]", "[0,0]") + "," +
      entry("b", "F32", "[]", "[0,4]") + "}   ";
  write_file(path(), safetensors_bytes(header, encoded({9, 1, 2, 3, 4}, "F32")));
  const SafetensorsFile file(path());
  EXPECT_EQ(file.names(), (std::vector<std::string>{"b", "empty", "none", "z"}));
  EXPECT_TRUE(file.contains("z"));
  EXPECT_FALSE(file.contains("__metadata__"));
  EXPECT_EQ(read_tensor(file, "z", {2, 2})[1][0].item<float>(), 3);
  EXPECT_EQ(read_tensor(file, "b", {}).item<float>(), 9);
  EXPECT_EQ(read_tensor(file, "empty", {0, 3}).numel(), 0);
}

TEST_F(Safetensors, ReadsAnyRows) {
  for (const char* dtype : {"F32", "F16", "BF16"}) {
    write_file(path(), safetensors_bytes({{"a", {{3, 2}, {1, 2, 3, 4, 5, 6}}}}, dtype));
    const SafetensorsFile file(path());
    for (std::int64_t first = 0; first <= 3; ++first) {
      for (std::int64_t count = 0; count <= 3 - first; ++count) {
        std::vector<float> rows(7, 17);
        file.read_rows("a", first, count, rows.data());
        for (std::int64_t i = 0; i < 7; ++i) {
          const auto expected = static_cast<float>(i < count * 2 ? first * 2 + i + 1 : 17);
          EXPECT_EQ(rows[i], expected) << dtype << " " << first << " " << count;
        }
      }
    }
  }
}

// A copy, so that weights outlive the file and nobody writes to the map.
TEST_F(Safetensors, ReturnsCopiesThatOutliveTheFile) {
  write_file(path(), safetensors_bytes({{"a", {{2}, {1, 2}}}}, "F32"));
  const at::Tensor tensor = read("a", {2});
  std::filesystem::remove(path());
  EXPECT_EQ(tensor.sum().item<float>(), 3);
}

}  // namespace
}  // namespace pressroom::safetensors_test
