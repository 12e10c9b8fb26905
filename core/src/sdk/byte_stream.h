// The bytes of a file, uncompressed on the way.
//
// The compression is known by the first bytes, and plain text that looks like something else stays
// plain. What is damaged, cut short or followed by something else is refused; sdk/decoder.h says
// exactly what passes.
#pragma once

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sdk/decoder.h"

namespace pressroom {

class ByteStream {
 public:
  // Throws Error for a file that cannot be opened or is not what its name says.
  explicit ByteStream(std::filesystem::path path);

  // The next piece, valid until the next call; empty at the end. Throws Error, with how far it got,
  // where the file ends early or is damaged.
  std::string_view read();

  bool compressed() const { return decoder_ != nullptr; }

 private:
  struct Close {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };

  void open();
  void fill();
  void check_compression(const std::string& compression);
  std::string_view next_piece();
  std::string_view decoded_piece();
  [[noreturn]] void fail(const BadStream& bad) const;

  std::filesystem::path path_;
  std::unique_ptr<std::FILE, Close> file_;
  std::unique_ptr<Decoder> decoder_;  // null for plain text
  std::vector<char> raw_, decoded_;
  std::string_view input_;   // of raw_, not taken yet
  bool file_ended_ = false;  // nothing follows input_
  bool ended_ = false;
  std::optional<BadStream> bad_;  // behind what was given
  std::int64_t bytes_ = 0;
  std::int64_t lines_ = 0;  // ends of lines seen
};

}  // namespace pressroom
