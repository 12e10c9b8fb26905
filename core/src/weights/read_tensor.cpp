#include "weights/read_tensor.h"

#include <ATen/ATen.h>

#include <cstring>

#include "pressroom/error.h"
#include "weights/tensor_text.h"

namespace pressroom {

at::Tensor read_tensor(const WeightSource& weights, const std::string& name,
                       const std::vector<std::int64_t>& shape) {
  check_tensor(weights, name, shape);
  at::Tensor tensor = at::empty(shape, at::kFloat);
  auto* values = tensor.data_ptr<float>();
  weights.read_rows(name, 0, shape.empty() ? 1 : shape[0], values);
  check_finite(weights, name, values, tensor.numel());
  return tensor;
}

void check_tensor(const WeightSource& weights, const std::string& name,
                  const std::vector<std::int64_t>& shape) {
  if (!weights.contains(name)) missing_tensor(weights, name, &shape);
  if (weights.shape(name) == shape) return;
  throw Error({"a tensor has another shape than config.json says", weights.place(name),
               shape_text(shape), shape_text(weights.shape(name)),
               "check that config.json and the weights belong together"});
}

void check_finite(const WeightSource& weights, const std::string& name, const float* values,
                  std::int64_t count) {
  constexpr std::uint32_t kExponent = 0x7f800000;  // all ones: infinity or NaN
  std::int64_t bad = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, values + i, sizeof(bits));
    bad += (bits & kExponent) == kExponent;
  }
  if (bad == 0) return;
  throw Error({"a weight is NaN or infinite", weights.place(name), "finite weights",
               std::to_string(bad) + " of " + std::to_string(count) + " values are not finite",
               "the file is damaged or the model diverged; get it again"});
}

}  // namespace pressroom
