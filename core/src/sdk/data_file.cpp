#include "pressroom/data_file.h"

#include <algorithm>

#include "pressroom/error.h"
#include "sdk/byte_stream.h"
#include "sdk/file_kinds.h"
#include "tokenizer/utf8.h"

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
  return string("encoding", "utf-8")
      .one_of({"utf-8", "utf-8-replace", "latin-1"})
      .help("of the text; utf-8-replace puts U+FFFD for bytes that are not UTF-8");
}

Encoding encoding_of(const Parameters& parameters) {
  const std::string& name = parameters.string("encoding");
  if (name == "latin-1") return Encoding::kLatin1;
  return name == "utf-8" ? Encoding::kUtf8 : Encoding::kUtf8Replacing;
}

std::string document_name(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  return name.substr(0, name.size() - compression_ending(name).size());
}

DataFile::DataFile(std::filesystem::path path, Encoding encoding)
    : path_(std::move(path)), encoding_(encoding), stream_(std::make_unique<ByteStream>(path_)) {}

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
  }
  if (bytes.empty()) return std::nullopt;
  return decoded(std::move(bytes), ++line_number_);
}

std::string DataFile::rest() {
  std::string bytes(piece_);
  piece_ = {};
  for (std::string_view piece = stream_->read(); !piece.empty(); piece = stream_->read()) {
    bytes.append(piece);
  }
  return decoded(std::move(bytes), line_number_ + 1);
}

std::string DataFile::where() const { return path_.string() + ":" + std::to_string(line_number_); }

std::string DataFile::provenance(std::size_t bytes) const {
  std::string text = path_.string() + ", " + std::to_string(bytes) + " bytes";
  if (encoding_ == Encoding::kLatin1) text += ", from Latin-1";
  if (replaced_ > 0) text += ", " + std::to_string(replaced_) + " bytes replaced by U+FFFD";
  return text;
}

std::string DataFile::decoded(std::string bytes, std::int64_t first_line) {
  const std::int64_t offset = bytes_given_;
  bytes_given_ += static_cast<std::int64_t>(bytes.size());
  if (encoding_ == Encoding::kUnchecked) return bytes;
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
