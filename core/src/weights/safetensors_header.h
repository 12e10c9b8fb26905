// The header of a safetensors file: which tensors there are and where their bytes lie.
//
//   auto tensors = parse_safetensors(bytes, "model.safetensors");
//   tensors.at("model.norm.weight").dtype;      // "BF16"
//
// The format: eight bytes of header length (little endian), a JSON header that names every tensor
// with its dtype, shape and byte range, then the bytes. Everything in the header is checked before
// a byte of it is believed: lengths against the file, ranges against each other and against shape
// times element size, names against duplicates.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace pressroom {

struct SafetensorsEntry {
  std::string dtype;  // as in the file: one that cannot be read is no error before it is read
  std::vector<std::int64_t> shape;
  std::string_view bytes;  // into the file's
};

// Reads the header of `file`, whose whole content is `bytes`. Throws Error for anything that is not
// a whole safetensors file. Takes memory in proportion to the bytes that are there, whatever they
// announce.
std::map<std::string, SafetensorsEntry> parse_safetensors(std::string_view bytes,
                                                          const std::filesystem::path& file);

// Bytes of an element of `dtype`, 0 when it cannot be read.
std::int64_t safetensors_element_bytes(const std::string& dtype);

// Widens elements `first` .. `first` + `count` - 1 of `entry`, whose dtype can be read, into `out`.
void widen_elements(const SafetensorsEntry& entry, std::int64_t first, std::int64_t count,
                    float* out);

}  // namespace pressroom
