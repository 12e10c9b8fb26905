// Numbers, strings and typed values out of the bytes of a GGUF header, none beyond the end.
//
//   GgufReader reader(bytes, "model.gguf");
//   const auto version = reader.read<std::uint32_t>("version");
//   const std::string key(reader.text("key"));
//   const GgufValue value = read_gguf_value(reader, key);
#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include "gguf/gguf_file.h"

namespace pressroom {

class GgufReader {
 public:
  // Both are borrowed.
  GgufReader(std::string_view bytes, const std::filesystem::path& file)
      : bytes_(bytes), file_(file) {}

  // Each throws Error when less than that is left, saying that `what` ("version") was to follow.
  template <typename Number>
  Number read(const char* what) {
    Number number;
    std::memcpy(&number, take(sizeof(Number), what).data(), sizeof(Number));
    return number;
  }
  std::string_view text(const char* what);  // a length and so many bytes
  std::string_view take(std::uint64_t size, const char* what);

  // A count of things that take at least `smallest` bytes each, so many of which can be there.
  std::uint64_t count(std::uint64_t smallest, const char* what);

  std::uint64_t position() const { return position_; }
  std::uint64_t left() const { return bytes_.size() - position_; }
  std::string_view bytes() const { return bytes_; }

  // Throws the Error of a file that is not what it should be.
  [[noreturn]] void torn(const std::string& expected, const std::string& got) const;

 private:
  std::string_view bytes_;
  const std::filesystem::path& file_;
  std::uint64_t position_ = 0;
};

// Reads the type and the value that follow `key`. Throws Error for a type that the format does not
// have and for arrays in arrays, naming `key`.
GgufValue read_gguf_value(GgufReader& reader, const std::string& key);

// What kind of value it is, for messages: "a whole number", "an array of texts".
const char* kind_name(const GgufValue& value);

}  // namespace pressroom
