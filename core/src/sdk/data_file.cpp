#include "pressroom/data_file.h"

#include <algorithm>

#include "base/file_kinds.h"
#include "base/utf8.h"
#include "pressroom/error.h"
#include "sdk/byte_stream.h"

namespace pressroom {
namespace {

std::string from_latin1(const std::string& bytes) {
  std::string text;
  text.reserve(bytes.size());
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x80) {
      text += c;
    } else {
      text += {static_cast<char>(0xC0 | byte >> 6), static_cast<char>(0x80 | (byte & 0x3F))};
    }
  }
  return text;
}

}  // namespace

ParameterSpec encoding_parameter() {
  return string("encoding", "utf-8",
                "of the text; utf-8-replace puts U+FFFD for bytes that are not UTF-8")
      .one_of({"utf-8", "utf-8-replace", "latin-1"});
}

void assign(Encoding& field, const Parameters& parameters, const std::string& name) {
  const std::string& encoding = parameters.string(name);
  field = encoding == "latin-1" ? Encoding::kLatin1
          : encoding == "utf-8" ? Encoding::kUtf8
                                : Encoding::kUtf8Replacing;
}

std::string document_name(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  return name.substr(0, name.size() - compression_ending(name).size());
}

ParameterSpec max_document_parameter(std::int64_t mb) {
  return integer("max_document_mb", mb,
                 "most MB of a line or document, uncompressed; a longer one is an error")
      .at_least(1)
      .at_most(1e6);
}

void check_document_size(std::size_t bytes, std::int64_t mb, const std::string& where) {
  constexpr std::size_t kBytesPerMb = 1000000;
  if (bytes / kBytesPerMb < static_cast<std::size_t>(mb)) return;
  if (bytes == static_cast<std::size_t>(mb) * kBytesPerMb) return;
  throw Error({"a line or document is too long", where,
               "at most " + std::to_string(mb) + " MB, uncompressed (max_document_mb)",
               "more than that",
               "check what is in it; if it is meant, give the reader a larger max_document_mb"});
}

DataFile::DataFile(std::filesystem::path path, Encoding encoding, std::int64_t max_document_mb)
    : path_(std::move(path)),
      encoding_(encoding),
      max_document_mb_(max_document_mb),
      stream_(std::make_unique<ByteStream>(path_)) {}

DataFile::~DataFile() = default;

std::optional<std::string> DataFile::line() {
  std::string bytes;
  while (bytes.empty() || bytes.back() != '\n') {
    if (piece_.empty()) piece_ = stream_->read();
    if (piece_.empty()) break;
    const std::size_t end = piece_.find('\n');
    const std::size_t count = end == std::string_view::npos ? piece_.size() : end + 1;
    bytes.append(piece_.substr(0, count));
    piece_.remove_prefix(count);
    check_document_size(bytes.size(), max_document_mb_,
                        path_.string() + ":" + std::to_string(line_number_ + 1));
  }
  if (bytes.empty()) return std::nullopt;
  return decoded(std::move(bytes), ++line_number_);
}

std::string DataFile::rest() {
  std::string bytes(piece_);
  piece_ = {};
  for (std::string_view piece = stream_->read(); !piece.empty(); piece = stream_->read()) {
    bytes.append(piece);
    check_document_size(bytes.size(), max_document_mb_, path_.string());
  }
  return decoded(std::move(bytes), line_number_ + 1);
}

void DataFile::check_rest() {
  piece_ = {};
  // Plain text has no checksum at its end, which is what this is read for.
  while (stream_->compressed() && !stream_->read().empty()) {
  }
}

std::string DataFile::where() const { return path_.string() + ":" + std::to_string(line_number_); }

std::string DataFile::provenance(std::size_t bytes) const {
  std::string text = path_.string() + ", " + std::to_string(bytes) + " bytes";
  if (encoding_ == Encoding::kLatin1) text += ", from Latin-1";
  if (replaced_ > 0) text += ", " + std::to_string(replaced_) + " bytes replaced by U+FFFD";
  return text;
}

// UTF-16 and UTF-32 of Latin letters are valid UTF-8, too: a text with NUL bytes in between, which
// no model has seen.
void DataFile::check_is_text(const std::string& bytes, std::int64_t first_line) const {
  const std::string encoding = wide_encoding(bytes);
  if (encoding.empty()) return;
  throw Error({"the text is full of control characters",
               path_.string() + ":" + std::to_string(first_line), "UTF-8",
               "what looks like " + encoding + ": " + quoted_start(bytes),
               "convert it: iconv -f " + encoding + " -t UTF-8"});
}

std::string DataFile::decoded(std::string bytes, std::int64_t first_line) {
  const std::int64_t offset = bytes_given_;
  bytes_given_ += static_cast<std::int64_t>(bytes.size());
  // JSON lines: their parser refuses what is not UTF-8.
  if (encoding_ == Encoding::kUnchecked) return bytes;
  // Before Latin-1, in which every byte stands for a character: UTF-16 would pass.
  check_is_text(bytes, first_line);
  if (encoding_ == Encoding::kLatin1) return from_latin1(bytes);
  std::size_t valid = valid_utf8_length(bytes);
  if (valid == bytes.size()) return bytes;

  if (encoding_ == Encoding::kUtf8) {
    const std::int64_t line =
        first_line + std::count(bytes.begin(), bytes.begin() + static_cast<long>(valid), '\n');
    const std::size_t start = valid - std::min<std::size_t>(valid, 10);
    throw Error({"the text is not UTF-8", path_.string() + ":" + std::to_string(line), "UTF-8",
                 "byte " + std::to_string(offset + static_cast<std::int64_t>(valid)) +
                     " of the text is not, in " +
                     quoted_start(std::string_view(bytes).substr(start, 20)),
                 "say what it is with encoding: latin-1 or utf-8-replace, where the reader has "
                 "that, or convert the file with iconv"});
  }
  std::string text;
  std::string_view rest(bytes);
  while (valid < rest.size()) {
    text.append(rest.substr(0, valid)).append("\xEF\xBF\xBD");
    rest.remove_prefix(valid + 1);
    valid = valid_utf8_length(rest);
    ++replaced_;
  }
  return text.append(rest);
}

}  // namespace pressroom
