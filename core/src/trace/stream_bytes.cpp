#include "trace/stream_bytes.h"

#include "pressroom/error.h"

namespace pressroom {

void torn_trace(const std::filesystem::path& file, const std::string& expected,
                const std::string& got) {
  throw Error({"not a whole trace", file.string(), expected, got, "run the document again"});
}

void append_varint(std::string& bytes, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes.push_back(static_cast<char>(value | 0x80));
  bytes.push_back(static_cast<char>(value));
}

std::uint8_t StreamReader::byte() {
  if (done()) torn_trace(file_, std::string("more bytes in \"") + name_ + "\"", "its end");
  const auto value = static_cast<std::uint8_t>(rest_.front());
  rest_.remove_prefix(1);
  return value;
}

std::int64_t StreamReader::varint(std::int64_t most) {
  std::uint64_t value = 0;
  int shift = 0;
  std::uint8_t next = 0;
  do {
    next = byte();
    value |= static_cast<std::uint64_t>(next & 0x7f) << shift;
    shift += 7;
  } while ((next & 0x80) != 0 && shift < 56);
  const auto number = static_cast<std::int64_t>(value);
  if ((next & 0x80) != 0 || number > most) refuse(number, most);
  return number;
}

void StreamReader::refuse(std::int64_t number, std::int64_t most) const {
  torn_trace(file_, "at most " + std::to_string(most) + " here in \"" + name_ + "\"",
             std::to_string(number));
}

void StreamReader::finish() const {
  if (done()) return;
  torn_trace(file_, std::string("nothing behind the last number of \"") + name_ + "\"",
             std::to_string(rest_.size()) + " bytes");
}

}  // namespace pressroom
