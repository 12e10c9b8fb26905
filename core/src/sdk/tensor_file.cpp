#include "pressroom/tensor_file.h"

#include <ATen/ATen.h>

#include "pressroom/error.h"
#include "weights/safetensors.h"
#include "weights/weight_source.h"

namespace pressroom {

NamedTensors read_tensors(const std::filesystem::path& file) {
  const SafetensorsFile weights(file);
  NamedTensors tensors;
  for (const std::string& name : weights.names()) {
    tensors[name] = read_tensor(weights, name, weights.shape(name));
  }
  return tensors;
}

at::Tensor take_tensor(const NamedTensors& tensors, const std::string& name,
                       const std::vector<std::int64_t>& shape, const std::filesystem::path& file) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) {
    std::vector<std::string> names;
    for (const auto& tensor : tensors) names.push_back(tensor.first);
    const std::string near = closest_match(name, names);
    throw Error({"a tensor is missing", file.string(), in_quotes(name) + " " + shape_text(shape),
                 near.empty() ? "no such tensor" : "no such tensor; there is " + in_quotes(near),
                 "check that these weights belong to this method"});
  }
  if (found->second.sizes() != at::IntArrayRef(shape)) {
    throw Error({"a tensor has another shape than the model calls for", file.string() + ": " + name,
                 shape_text(shape), shape_text(found->second.sizes().vec()),
                 "check that these weights were made for this model"});
  }
  return found->second;
}

}  // namespace pressroom
