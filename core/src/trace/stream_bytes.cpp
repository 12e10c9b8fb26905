#include "trace/stream_bytes.h"

#include <c10/util/BFloat16.h>
#include <zlib.h>

#include <cmath>

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
    // Eight bytes at most: 56 bits cannot come out negative and pass for a small number.
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

namespace {

constexpr std::uint16_t kSign = 0x8000;
constexpr std::uint16_t kNan = 0x7fc0;

}  // namespace

std::uint16_t ordered_score(float score) {
  const int bits = std::isnan(score) ? kNan : c10::detail::round_to_nearest_even(score);
  return static_cast<std::uint16_t>((bits & kSign) != 0 ? ~bits : bits | kSign);
}

float score_of_ordered(std::uint16_t ordered) {
  const int bits = (ordered & kSign) != 0 ? ordered & ~kSign : ~ordered;
  return c10::detail::f32_from_bits(static_cast<std::uint16_t>(bits));
}

std::uint16_t change_of_score(std::uint16_t from, std::uint16_t to) {
  // Of the lowest 16 bits the highest is the sign.
  const int difference = to - from;
  const int sign = (difference & kSign) != 0 ? 0xffff : 0;
  // Small changes either way become small numbers, so that the high bytes are mostly 0.
  return static_cast<std::uint16_t>(2 * difference ^ sign);
}

std::uint16_t changed_score(std::uint16_t from, std::uint16_t change) {
  const int sign = (change & 1) != 0 ? 0xffff : 0;
  return static_cast<std::uint16_t>(from + ((change >> 1) ^ sign));
}

namespace {

constexpr std::uint64_t kLargestRatio = 1032;  // 258 bytes of two bits each

const Bytef* data_of(std::string_view bytes) {
  return reinterpret_cast<const Bytef*>(bytes.data());
}

Bytef* data_of(std::string& bytes) { return reinterpret_cast<Bytef*>(bytes.data()); }

}  // namespace

std::string deflate(std::string_view bytes) {
  std::string small(compressBound(bytes.size()), '\0');
  uLongf size = small.size();
  const int code =
      compress2(data_of(small), &size, data_of(bytes), bytes.size(), Z_BEST_COMPRESSION);
  PRESSROOM_ASSERT(code == Z_OK);
  small.resize(size);
  return small;
}

std::optional<std::string> inflate(std::string_view small, std::uint64_t size) {
  // `size` is what a file says, and as much memory is taken for it.
  if (size / kLargestRatio > small.size()) return std::nullopt;
  std::string bytes(size, '\0');
  uLongf filled = size;
  uLong used = small.size();
  const int code = uncompress2(data_of(bytes), &filled, data_of(small), &used);
  if (code != Z_OK || filled != size || used != small.size()) return std::nullopt;
  return bytes;
}

std::uint32_t crc32_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(crc32_z(0, data_of(bytes), bytes.size()));
}

}  // namespace pressroom
