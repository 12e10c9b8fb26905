// Tensors from .safetensors files, for methods that bring weights.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace pressroom {

using NamedTensors = std::map<std::string, at::Tensor>;

// All tensors of `file`, as float32 in host memory. Throws Error for a file that cannot be read or
// is no safetensors file, and for tensors that hold NaN or infinity, by name.
NamedTensors read_tensors(const std::filesystem::path& file);

// The tensor `name` of `tensors`, read from `file`, of exactly this shape; throws Error otherwise.
at::Tensor take_tensor(const NamedTensors& tensors, const std::string& name,
                       const std::vector<std::int64_t>& shape, const std::filesystem::path& file);

}  // namespace pressroom
