// Bytes made small, and a sum over bytes that shows damage; both zlib's.
//
//   std::string small = deflate(bytes);
//   std::optional<std::string> same = inflate(small, bytes.size());
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace pressroom {

std::string deflate(std::string_view bytes);

// What deflate made `small` of, which must be `size` bytes; nothing when it is not. Takes no memory
// for a size that `small` cannot hold.
std::optional<std::string> inflate(std::string_view small, std::uint64_t size);

// CRC-32 as in gzip and PNG.
std::uint32_t crc32_of(std::string_view bytes);

}  // namespace pressroom
