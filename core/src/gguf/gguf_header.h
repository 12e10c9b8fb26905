// The content of a GGUF file, read out of memory: metadata by key, tensors by name.
//
//   GgufHeader header = parse_gguf(bytes, "model.gguf");
//   header.tensors.at("output_norm.weight").shape;     // {576}
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

}  // namespace pressroom
