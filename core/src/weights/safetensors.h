// The tensors of one .safetensors file, which stays memory-mapped, and its header: which tensors
// there are and where their bytes lie.
//
//   const SafetensorsFile file("model.safetensors");
//   file.names();                                              // {"lm_head.weight", ...}
//   file.read_rows("lm_head.weight", 0, 64, buffer);
//
// The format: eight bytes of header length (little endian), a JSON header that names every tensor
// with its dtype, shape and byte range, then the bytes. Everything in the header is checked before
// a byte of it is believed: lengths against the file, ranges against each other and against shape
// times element size, names against duplicates.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "weights/weight_source.h"

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

// The header as it is, "__metadata__" included. Throws Error for what is no header.
nlohmann::json safetensors_header(std::string_view bytes, const std::filesystem::path& file);

// Where the tensors lie. Throws Error where the header is longer than the file.
std::string_view safetensors_data(std::string_view bytes, const std::filesystem::path& file);

// Bytes of an element of `dtype`, 0 when it cannot be read.
std::int64_t safetensors_element_bytes(const std::string& dtype);

// Widens elements `first` .. `first` + `count` - 1 of `entry`, whose dtype can be read, into `out`.
void widen_elements(const SafetensorsEntry& entry, std::int64_t first, std::int64_t count,
                    float* out);

class SafetensorsFile : public WeightSource {
 public:
  // Maps `file` and checks its header. Throws Error for anything that is not a whole safetensors
  // file.
  explicit SafetensorsFile(const std::filesystem::path& file);

  bool contains(const std::string& name) const override { return tensors_.count(name) > 0; }
  std::vector<std::string> names() const override;
  const std::vector<std::int64_t>& shape(const std::string& name) const override;

  // float32, float16 and bfloat16 can be read.
  void read_rows(const std::string& name, std::int64_t first, std::int64_t count,
                 float* out) const override;
  std::string stored_type(const std::string& name) const override { return entry(name).dtype; }
  void read_stored_rows(const std::string& name, std::int64_t first, std::int64_t count,
                        void* out) const override;

  // Of a tensor that is not there: the file alone.
  std::string place(const std::string& name) const override;

 private:
  const SafetensorsEntry& entry(const std::string& name) const;
  // Bytes of so many rows, which are checked to be there.
  std::string_view row_range(const SafetensorsEntry& tensor, std::int64_t first,
                             std::int64_t count) const;

  MappedFile mapped_;
  std::map<std::string, SafetensorsEntry> tensors_;
};

// JSON of a table of tensors, read strictly: parses `text`, refusing a name given twice in an
// object (of which the parser would silently keep the last) and nesting that only an attack has.
// `file` and `part` ("header") name the place in messages; `what` is what an Error says first: "not
// a whole safetensors file".
nlohmann::json parse_unique_json(std::string_view text, const std::filesystem::path& file,
                                 const std::string& part, const std::string& what);

}  // namespace pressroom
