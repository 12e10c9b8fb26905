#include "weights/weight_source.h"

#include <ATen/ATen.h>

#include <cstring>

namespace pressroom {

WeightSource::~WeightSource() = default;

std::string shape_text(const std::vector<std::int64_t>& shape) {
  std::string text = "[";
  for (std::size_t i = 0; i < shape.size(); ++i) {
    text += (i ? ", " : "") + std::to_string(shape[i]);
  }
  return text + "]";
}

std::string excerpt(const std::string& text) {
  std::string shown = text.size() <= 200 ? text : text.substr(0, 200) + "...";
  for (char& letter : shown) {
    if (static_cast<unsigned char>(letter) < 0x20 || letter == 0x7f) letter = '?';
  }
  return shown;
}

std::string in_quotes(const std::string& text) { return "\"" + excerpt(text) + "\""; }

void missing_tensor(const WeightSource& weights, const std::string& name,
                    const std::vector<std::int64_t>* shape) {
  const std::string near = closest_match(name, weights.names());
  const std::string wanted = in_quotes(name);
  throw Error({"a tensor is missing", weights.place(name),
               shape == nullptr ? wanted : wanted + " " + shape_text(*shape),
               near.empty() ? "no such tensor" : "no such tensor; there is " + in_quotes(near),
               "check that config.json and the weights belong together"});
}

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
