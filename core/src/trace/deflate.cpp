#include "trace/deflate.h"

#include <zlib.h>

#include "pressroom/error.h"

namespace pressroom {
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
