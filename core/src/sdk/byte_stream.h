// The bytes of a file, uncompressed on the way.
//
// libarchive does the work, with only the four compressions named in data_file.h switched on: each
// is known by its first bytes, and plain text that looks like something else stays plain.
#pragma once

#include <boost/crc.hpp>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

struct archive;

namespace pressroom {

class ByteStream {
 public:
  // Throws Error for a file that cannot be opened or is not what its name says.
  explicit ByteStream(std::filesystem::path path);
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  // The next piece, valid until the next call; empty at the end. Throws Error, with how far it got,
  // where the file ends early or is damaged.
  std::string_view read();

 private:
  void open();
  void check_compression();
  void check_gzip_trailer();
  [[noreturn]] void fail(const std::string& reason) const;
  [[noreturn]] void fail_in_archive() const;

  std::filesystem::path path_;
  archive* archive_;
  std::vector<char> buffer_;
  bool ended_ = false;
  std::int64_t bytes_ = 0;
  std::int64_t lines_ = 0;  // ends of lines seen
  boost::crc_32_type crc_;  // of a gzip file's content
};

}  // namespace pressroom
