#include "model/weight_dtype.h"

#include "pressroom/error.h"

namespace pressroom {

const std::vector<std::string>& weight_dtype_names() {
  static const std::vector<std::string> kNames = {"float32", "bfloat16", "float16"};
  return kNames;
}

const char* to_string(WeightDtype dtype) {
  return weight_dtype_names()[static_cast<std::size_t>(dtype)].c_str();
}

WeightDtype parse_weight_dtype(const std::string& name) {
  for (const WeightDtype dtype :
       {WeightDtype::kFloat32, WeightDtype::kBfloat16, WeightDtype::kFloat16}) {
    if (name == to_string(dtype)) return dtype;
  }
  throw Error(
      {"weights cannot be held as that", "dtype", "float32, bfloat16 or float16", name, ""});
}

c10::ScalarType scalar_type(WeightDtype dtype) {
  switch (dtype) {
    case WeightDtype::kBfloat16:
      return c10::kBFloat16;
    case WeightDtype::kFloat16:
      return c10::kHalf;
    default:
      return c10::kFloat;
  }
}

}  // namespace pressroom
