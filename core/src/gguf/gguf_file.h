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
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "gguf/gguf_header.h"

namespace pressroom {

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
