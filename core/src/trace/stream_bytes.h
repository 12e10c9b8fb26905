// Numbers as bytes, as the streams of a trace hold them.
//
//   std::string bytes;
//   append_varint(bytes, 300);             // AC 02
//   StreamReader reader(bytes, "leaving", file);
//   reader.varint(1000);                   // 300
//   reader.finish();
#pragma once

#include <cstdint>
#include <filesystem>
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

}  // namespace pressroom
