// The tensors of one .safetensors file, which stays memory-mapped.
//
//   const SafetensorsFile file("model.safetensors");
//   file.names();                                              // {"lm_head.weight", ...}
//   file.read_rows("lm_head.weight", 0, 64, buffer);
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/mapped_file.h"
#include "weights/safetensors_header.h"
#include "weights/weight_source.h"

namespace pressroom {

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

  // Of a tensor that is not there: the file alone.
  std::string place(const std::string& name) const override;

 private:
  const SafetensorsEntry& entry(const std::string& name) const;

  MappedFile mapped_;
  std::map<std::string, SafetensorsEntry> tensors_;
};

}  // namespace pressroom
