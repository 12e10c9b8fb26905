// A GGUF file (versions 2 and 3): metadata by key, tensors by name, memory-mapped.
//
//   GgufFile file("SmolLM2-135M.gguf");
//   file.text("general.architecture");                       // "llama"
//   file.integer("llama.block_count");                       // 30
//   file.tensors().at("blk.0.attn_q.weight").shape;          // {576, 576}
//
// Everything in the header is checked before a byte of it is believed: counts and lengths against
// what is left of the file, ranges against each other and against shape and type, keys and names
// against duplicates. What the header announces is never allocated before it was seen to be there.
//
// The format, all of it little endian: "GGUF", a version, two counts, so many pairs of key and
// typed value, so many descriptions of tensors, padding, then the tensors' bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/mapped_file.h"

namespace pressroom {

struct GgufTensor {
  std::uint32_t type = 0;           // as in the file; gguf_blocks.h knows the ones that can be read
  std::vector<std::int64_t> shape;  // outermost first, the reverse of the order in the file
  std::string_view bytes;           // into the file's
};

// Whole numbers of every width become int64 and floats double, in arrays too; uint64 are whole
// numbers that int64 cannot hold, and arrays with one among them.
using GgufValue = std::variant<std::int64_t, double, bool, std::string, std::vector<std::int64_t>,
                               std::vector<double>, std::vector<bool>, std::vector<std::string>,
                               std::uint64_t, std::vector<std::uint64_t>>;

struct GgufHeader {
  std::map<std::string, GgufValue> values;
  std::map<std::string, GgufTensor> tensors;
};

// Reads the header of `file`, whose whole content is `bytes`. Throws Error for anything that is not
// a whole GGUF file of version 2 or 3. Takes memory in proportion to the bytes that are there,
// whatever they announce.
GgufHeader parse_gguf(std::string_view bytes, const std::filesystem::path& file);

class GgufFile {
 public:
  // Throws Error for anything that is not a whole GGUF file.
  explicit GgufFile(const std::filesystem::path& file);

  const std::filesystem::path& path() const { return mapped_.path(); }
  bool has(const std::string& key) const { return header_.values.count(key) > 0; }
  bool has_integers(const std::string& key) const;  // an array of whole numbers

  // The value of `key`. Throws Error when it is missing or of another type, naming both.
  std::int64_t integer(const std::string& key) const;
  double number(const std::string& key) const;  // of a floating or a whole type
  bool flag(const std::string& key) const;
  const std::string& text(const std::string& key) const;
  const std::vector<std::int64_t>& integers(const std::string& key) const;
  const std::vector<double>& numbers(const std::string& key) const;
  const std::vector<std::string>& texts(const std::string& key) const;

  const std::map<std::string, GgufTensor>& tensors() const { return header_.tensors; }

  // See MappedFile::release.
  void release(std::string_view part) const { mapped_.release(part); }

 private:
  template <typename Value>
  const Value& value(const std::string& key) const;

  MappedFile mapped_;
  GgufHeader header_;
};

}  // namespace pressroom
