#include "weights/safetensors.h"

#include "pressroom/error.h"
#include "weights/rows.h"
#include "weights/tensor_text.h"

namespace pressroom {

SafetensorsFile::SafetensorsFile(const std::filesystem::path& file)
    : mapped_(file, "the weights"), tensors_(parse_safetensors(mapped_.bytes(), file)) {}

const SafetensorsEntry& SafetensorsFile::entry(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found == tensors_.end()) missing_tensor(*this, name);
  return found->second;
}

std::vector<std::string> SafetensorsFile::names() const {
  std::vector<std::string> names;
  for (const auto& tensor : tensors_) names.push_back(tensor.first);
  return names;
}

const std::vector<std::int64_t>& SafetensorsFile::shape(const std::string& name) const {
  return entry(name).shape;
}

std::string SafetensorsFile::place(const std::string& name) const {
  return mapped_.path().string() + (contains(name) ? ": " + name : "");
}

void SafetensorsFile::read_rows(const std::string& name, std::int64_t first, std::int64_t count,
                                float* out) const {
  const SafetensorsEntry& tensor = entry(name);
  const std::int64_t element_bytes = safetensors_element_bytes(tensor.dtype);
  if (element_bytes == 0) {
    throw Error({"a tensor has a dtype that is not supported", place(name), "F32, F16 or BF16",
                 excerpt(tensor.dtype), "convert the weights"});
  }
  check_rows(tensor.shape, first, count);
  const std::int64_t width = row_elements(tensor.shape);
  widen_elements(tensor, first * width, count * width, out);
  mapped_.release(tensor.bytes.substr(static_cast<std::size_t>(first * width * element_bytes),
                                      static_cast<std::size_t>(count * width * element_bytes)));
}

}  // namespace pressroom
