// Compressed files as the compressions' own libraries write them, for tests of what reads them.
#pragma once

#include <bzlib.h>
#include <gtest/gtest.h>
#include <lzma.h>
#include <zlib.h>
#include <zstd.h>

#include <functional>
#include <string>
#include <vector>

namespace pressroom {

// A gzip member; level 0 stores the text as it is.
inline std::string gzip_of(const std::string& text, int level = 6, gz_header* header = nullptr) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  if (header != nullptr) deflateSetHeader(&stream, header);
  std::string bytes(text.size() + text.size() / 100 + 1000, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(bytes.data());
  stream.avail_out = static_cast<uInt>(bytes.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  bytes.resize(stream.total_out);
  deflateEnd(&stream);
  return bytes;
}

// A zstd frame with a checksum.
inline std::string zstd_of(const std::string& text) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
  std::string bytes(ZSTD_compressBound(text.size()), '\0');
  const std::size_t count =
      ZSTD_compress2(context, bytes.data(), bytes.size(), text.data(), text.size());
  EXPECT_FALSE(ZSTD_isError(count));
  bytes.resize(count);
  ZSTD_freeCCtx(context);
  return bytes;
}

// An xz stream.
inline std::string xz_of(const std::string& text, lzma_check check = LZMA_CHECK_CRC64) {
  std::string bytes(lzma_stream_buffer_bound(text.size()), '\0');
  std::size_t count = 0;
  EXPECT_EQ(lzma_easy_buffer_encode(
                1, check, nullptr, reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                reinterpret_cast<std::uint8_t*>(bytes.data()), &count, bytes.size()),
            LZMA_OK);
  bytes.resize(count);
  return bytes;
}

// A bzip2 stream.
inline std::string bzip2_of(const std::string& text) {
  std::string bytes(text.size() + text.size() / 100 + 600, '\0');
  auto count = static_cast<unsigned>(bytes.size());
  EXPECT_EQ(BZ2_bzBuffToBuffCompress(bytes.data(), &count, const_cast<char*>(text.data()),
                                     static_cast<unsigned>(text.size()), 1, 0, 0),
            BZ_OK);
  bytes.resize(count);
  return bytes;
}

struct Compression {
  std::string ending;
  std::function<std::string(const std::string&)> of;
};

inline std::vector<Compression> compressions() {
  return {{".gz", [](const std::string& text) { return gzip_of(text); }},
          {".zst", zstd_of},
          {".xz", [](const std::string& text) { return xz_of(text); }},
          {".bz2", bzip2_of}};
}

// `value` in `bytes` bytes, the lowest first.
inline std::string little_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> 8 * i);
  return text;
}

inline std::uint32_t crc32_of(const std::string& bytes) {
  return static_cast<std::uint32_t>(
      crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

}  // namespace pressroom
