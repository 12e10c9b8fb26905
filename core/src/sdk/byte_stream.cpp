#include "sdk/byte_stream.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <system_error>

#include "pressroom/error.h"
#include "sdk/file_kinds.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPieceBytes = 1 << 18;

std::uint32_t little_endian(const unsigned char* bytes) {
  std::uint32_t value = 0;
  for (int i = 3; i >= 0; --i) value = value << 8 | bytes[i];
  return value;
}

}  // namespace

ByteStream::ByteStream(fs::path path)
    : path_(std::move(path)), archive_(archive_read_new()), buffer_(kPieceBytes) {
  PRESSROOM_ASSERT(archive_ != nullptr);
  try {
    open();
    check_compression();
  } catch (...) {
    archive_read_free(archive_);
    throw;
  }
}

ByteStream::~ByteStream() { archive_read_free(archive_); }

void ByteStream::open() {
  if (std::vector<Problem> problems = foreign_format(path_.string()); !problems.empty()) {
    throw Error(std::move(problems));
  }
  std::error_code failed;
  const fs::file_type type = fs::status(path_, failed).type();
  if (type != fs::file_type::regular || !std::ifstream(path_)) {
    throw Error({"a text cannot be used", path_.string(), "a readable file",
                 type == fs::file_type::directory ? "a folder"
                 : type == fs::file_type::regular ? "a file that may not be read"
                 : type == fs::file_type::none    ? failed.message()
                                                  : "nothing of that name",
                 "check the path and its permissions"});
  }
  archive_read_support_filter_gzip(archive_);
  archive_read_support_filter_zstd(archive_);
  archive_read_support_filter_xz(archive_);
  archive_read_support_filter_bzip2(archive_);
  archive_read_support_format_raw(archive_);
  archive_read_support_format_empty(archive_);
  if (archive_read_open_filename(archive_, path_.c_str(), kPieceBytes) != ARCHIVE_OK) {
    fail_in_archive();
  }
  archive_entry* entry = nullptr;
  const int status = archive_read_next_header(archive_, &entry);
  ended_ = status == ARCHIVE_EOF;
  if (status != ARCHIVE_OK && !ended_) fail_in_archive();
}

void ByteStream::check_compression() {
  static const std::map<std::string, int> kFilters = {{".gz", ARCHIVE_FILTER_GZIP},
                                                      {".zst", ARCHIVE_FILTER_ZSTD},
                                                      {".xz", ARCHIVE_FILTER_XZ},
                                                      {".bz2", ARCHIVE_FILTER_BZIP2}};
  const std::string ending = compression_ending(path_.filename().string());
  if (ending.empty() || archive_filter_code(archive_, 0) == kFilters.at(ending)) return;
  const std::string_view piece = read();
  throw Error({"the file is not what its name says", path_.string(), "data compressed as " + ending,
               piece.empty() ? "an empty file" : "a file that begins with " + quoted_start(piece),
               "fetch it again: this is often what a download that failed leaves"});
}

std::string_view ByteStream::read() {
  if (ended_) return {};
  const la_ssize_t count = archive_read_data(archive_, buffer_.data(), buffer_.size());
  if (count < 0) fail_in_archive();
  const std::string_view piece(buffer_.data(), static_cast<std::size_t>(count));
  const bool gzip = archive_filter_code(archive_, 0) == ARCHIVE_FILTER_GZIP;
  if (count == 0) {
    ended_ = true;
    if (gzip) check_gzip_trailer();
    return piece;
  }
  if (bytes_ == 0 && piece.substr(0, 24) == "version https://git-lfs.") {
    throw Error({"the file is a Git LFS pointer, not the data", path_.string(), "the data",
                 quoted_start(piece), "run \"git lfs pull\" in the repository it is from"});
  }
  if (gzip) crc_.process_bytes(piece.data(), piece.size());
  bytes_ += count;
  lines_ += std::count(piece.begin(), piece.end(), '\n');
  return piece;
}

// libarchive does not compare gzip's checksum, and most damage shows nowhere else. The trailer is
// that of the last of several gzip streams in a row, which the size gives away; those stay
// unchecked.
void ByteStream::check_gzip_trailer() {
  constexpr int kTrailerBytes = 8;  // CRC-32 and size modulo 2^32, little endian (RFC 1952, 2.3.1)
  std::ifstream file(path_, std::ios::binary);
  unsigned char trailer[kTrailerBytes] = {};
  file.seekg(-kTrailerBytes, std::ios::end);
  file.read(reinterpret_cast<char*>(trailer), kTrailerBytes);
  if (!file || little_endian(trailer + 4) != static_cast<std::uint32_t>(bytes_)) return;
  if (little_endian(trailer) != crc_.checksum()) fail("the content is not what was compressed");
}

void ByteStream::fail_in_archive() const {
  const char* reason = archive_error_string(archive_);
  fail(reason != nullptr ? reason : "the end is missing");
}

void ByteStream::fail(const std::string& reason) const {
  throw Error({"the file ends early or is damaged",
               path_.string() + ":" + std::to_string(lines_ + 1), "a whole file",
               reason + ", after " + std::to_string(bytes_) + " bytes of text",
               "fetch it again, and compare its size or checksum with the source's"});
}

}  // namespace pressroom
