// Reads tensors out of a .safetensors file that stays memory-mapped.
//
// The format: eight bytes of header length (little endian), a JSON header that names every tensor
// with its dtype, shape and byte range, then the bytes. Everything in the header is checked before
// a byte of it is believed: lengths against the file, ranges against each other and against shape
// times element size, names against duplicates.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace pressroom {

class SafetensorsFile {
 public:
  // Maps `file` and checks its header. Throws Error for anything that is not a whole safetensors
  // file.
  explicit SafetensorsFile(const std::filesystem::path& file);
  ~SafetensorsFile();
  SafetensorsFile(const SafetensorsFile&) = delete;
  SafetensorsFile& operator=(const SafetensorsFile&) = delete;

  bool contains(const std::string& name) const { return tensors_.count(name) > 0; }
  std::vector<std::string> names() const;

  // A float32 copy of tensor `name`, converted from float32, float16 or bfloat16. Throws Error when
  // it is missing, when its shape is not `shape`, or when a value is NaN or infinite.
  at::Tensor read(const std::string& name, const std::vector<std::int64_t>& shape) const;

 private:
  struct Entry {
    std::string dtype;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0;  // offsets into the data part
    std::uint64_t end = 0;
  };

  void parse_header();
  Entry parse_entry(const std::string& name, const void* json) const;
  void check_overlaps() const;

  std::filesystem::path file_;
  const char* bytes_ = nullptr;
  std::uint64_t size_ = 0;
  std::uint64_t data_offset_ = 0;
  std::map<std::string, Entry> tensors_;
};

}  // namespace pressroom
