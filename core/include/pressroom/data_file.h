// A file that a dataset reader takes its text from: plain, or compressed with gzip, zstd, xz or
// bzip2. What it is compressed with is known by its content; nothing is unpacked to disk.
//
//   DataFile file("shard.jsonl.gz");
//   while (std::optional<std::string> line = file.line()) use(*line, file.where());
//
//   const std::string book = DataFile("10146.txt").rest();
//
// What comes out is UTF-8, checked as it is read. Bytes that are not are an Error that says where,
// unless the user has said what they are: readers of plain text declare `encoding_parameter()`.
//
// Refused with an Error that says what to do: a missing or unreadable file; one that ends early or
// is damaged (with how many bytes and lines came before), or has something else behind its
// compressed data; one that is not compressed as its name says; a line, or a whole text, beyond a
// limit; text full of NUL bytes, which is UTF-16 or UTF-32; a Git LFS pointer; the page of a web
// server under another name; pipes and devices; Parquet (converted by scripts/parquet-to-jsonl);
// zip and tar archives.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "pressroom/parameters.h"

namespace pressroom {

// What the bytes of a file are taken for.
enum class Encoding {
  kUtf8,           // anything else is an Error
  kUtf8Replacing,  // U+FFFD for each byte that is not part of a well-formed character
  kLatin1,         // ISO 8859-1: each byte is a character; never an Error
  kUnchecked,      // bytes as they are, for formats whose parser checks them (JSON)
};

// The parameter `encoding` (utf-8, utf-8-replace, latin-1; by default utf-8), and its value into a
// field, for Declaration::parameter.
ParameterSpec encoding_parameter();
void assign(Encoding& field, const Parameters& parameters, const std::string& name);

// What the ids of a file's documents begin with: its name without folder and compression, "a.jsonl"
// of data/a.jsonl.gz. A file that is compressed later keeps its ids, and so the windows drawn by
// them.
std::string document_name(const std::filesystem::path& file);

// The parameter `max_document_mb`: the most of a line, or of a text read as a whole, in MB (10^6
// bytes) once uncompressed. A few kB of compressed zeros would else fill the memory.
constexpr std::int64_t kMaxDocumentMb = 256;
ParameterSpec max_document_parameter(std::int64_t mb = kMaxDocumentMb);

// Throws the Error of a line or document at `where` that has more than `mb` MB, where `bytes` says
// that: for readers that put documents together. DataFile calls it as it reads.
void check_document_size(std::size_t bytes, std::int64_t mb, const std::string& where);

class ByteStream;

class DataFile {
 public:
  explicit DataFile(std::filesystem::path path, Encoding encoding = Encoding::kUtf8,
                    std::int64_t max_document_mb = kMaxDocumentMb);
  ~DataFile();

  // The next line with its end ("\n", "\r\n", or nothing at the end of a file without one), so that
  // all lines in a row are the file. Nothing after the last line.
  std::optional<std::string> line();

  // Everything that `line` has not given yet; "" at the end.
  std::string rest();

  // Reads a compressed file to its end and keeps nothing of it: what guards the text given so far
  // stands there. For whoever stops before the end. Throws Error for a damaged file.
  void check_rest();

  const std::filesystem::path& path() const { return path_; }
  // The document_name of `path`.
  std::string name() const { return document_name(path_); }
  // Of the line given last, from 1; 0 before the first.
  std::int64_t line_number() const { return line_number_; }
  // "PATH:LINE" of the line given last.
  std::string where() const;
  // Characters that Encoding::kUtf8Replacing has put in so far.
  std::int64_t replaced() const { return replaced_; }
  // "PATH, N bytes", and what was replaced: a document's provenance, for one of `bytes` bytes.
  std::string provenance(std::size_t bytes) const;

 private:
  std::string decoded(std::string bytes, std::int64_t first_line);
  void check_is_text(const std::string& bytes, std::int64_t first_line) const;

  std::filesystem::path path_;
  Encoding encoding_;
  std::int64_t max_document_mb_;
  std::unique_ptr<ByteStream> stream_;
  std::string_view piece_;        // of the stream, not given yet
  std::int64_t bytes_given_ = 0;  // of the text before it was decoded
  std::int64_t line_number_ = 0;
  std::int64_t replaced_ = 0;
};

}  // namespace pressroom
