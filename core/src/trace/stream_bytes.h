// The bytes of a trace's streams: numbers, scores in two bytes, and streams made small.
//
//   std::string bytes;
//   append_varint(bytes, 300);             // AC 02
//   std::string small = deflate(bytes);
//   std::optional<std::string> same = inflate(small, bytes.size());
//   StreamReader reader(*same, "leaving", file);
//   reader.varint(1000);                   // 300
//   reader.finish();
//
// A score is a bfloat16, 8 significant bits over the range of float, written as the difference from
// the score before:
//
//   const std::uint16_t bits = ordered_score(0.3F);
//   score_of_ordered(bits);                // 0.30078125
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pressroom {

// Throws the Error of a file that is no whole trace.
[[noreturn]] void torn_trace(const std::filesystem::path& file, const std::string& expected,
                             const std::string& got);

// Seven bits a byte, lowest first; all bytes but the last have the high bit set (LEB128).
void append_varint(std::string& bytes, std::uint64_t value);

// Reads a stream from front to back. Every call throws the Error of torn_trace, naming the stream,
// for bytes that are missing or do not fit.
class StreamReader {
 public:
  // `bytes` is borrowed.
  StreamReader(std::string_view bytes, const char* name, const std::filesystem::path& file)
      : rest_(bytes), name_(name), file_(file) {}

  bool done() const { return rest_.empty(); }
  std::uint8_t byte();
  // A number of at most `most`.
  std::int64_t varint(std::int64_t most);
  // Says that `number`, which was read, is more than `most`.
  [[noreturn]] void refuse(std::int64_t number, std::int64_t most) const;
  // Nothing may be left.
  void finish() const;

 private:
  std::string_view rest_;
  const char* name_;
  const std::filesystem::path& file_;
};

// The nearest bfloat16, ties to even, as a number that is larger where the score is: of a negative
// score all bits are flipped, of another the sign bit is set. All NaN are one.
std::uint16_t ordered_score(float score);
float score_of_ordered(std::uint16_t ordered);

// `to` - `from` modulo 2^16 with 0, -1, 1, -2, 2 ... as 0, 1, 2, 3, 4 ..., and back to `to`.
std::uint16_t change_of_score(std::uint16_t from, std::uint16_t to);
std::uint16_t changed_score(std::uint16_t from, std::uint16_t change);

// Made small by zlib.
std::string deflate(std::string_view bytes);

// What deflate made `small` of, which must be `size` bytes; nothing when it is not. Takes no memory
// for a size that `small` cannot hold.
std::optional<std::string> inflate(std::string_view small, std::uint64_t size);

// CRC-32 as in gzip and PNG: a sum that shows damage.
std::uint32_t crc32_of(std::string_view bytes);

}  // namespace pressroom
