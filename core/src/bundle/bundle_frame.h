// The zstd frame that a bundle's archive is packed in, and the words in which both are refused.
//
//   const std::string frame = pack_frame(tar);
//   unpack_frame(frame, "h2o-1.1.0.press.tar.zst", BundleLimits()) == tar;
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "bundle/bundle_archive.h"

namespace pressroom {

// `tar` as one frame with a checksum: the same bytes for the same bytes and version of libzstd.
std::string pack_frame(std::string_view tar);

// The inverse. Throws Error, about `where`, for what is not one whole frame and nothing else, and
// as soon as more is in it than `limits` allow an archive, whatever its header says.
std::string unpack_frame(std::string_view frame, const std::string& where,
                         const BundleLimits& limits);

// Throws Error for a frame of so many bytes where even what it holds may not have as many.
void refuse_large_frame(std::uint64_t bytes, const std::string& where, const BundleLimits& limits);

// Each throws Error about the bundle `where`.
[[noreturn]] void refuse_bundle(const std::string& what, const std::string& where,
                                const std::string& expected, const std::string& got);
[[noreturn]] void refuse_cut(const std::string& where, const std::string& got);
[[noreturn]] void refuse_damaged(const std::string& where, const std::string& got);
[[noreturn]] void refuse_trailing(const std::string& where, const std::string& behind);

}  // namespace pressroom
