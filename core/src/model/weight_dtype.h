// How weights are held in memory. All arithmetic is float32 whatever it is.
#pragma once

#include <c10/core/ScalarType.h>

#include <string>
#include <vector>

namespace pressroom {

enum class WeightDtype {
  kFloat32,
  // Half the memory; rounded once when loaded, and widened block by block for each product, which
  // takes time where the block is not used by many rows (docs/models.md has figures).
  kBfloat16,
  kFloat16,
};

// "float32", "bfloat16", "float16".
const char* to_string(WeightDtype dtype);
const std::vector<std::string>& weight_dtype_names();

// Throws Error when `name` is none of weight_dtype_names().
WeightDtype parse_weight_dtype(const std::string& name);

c10::ScalarType scalar_type(WeightDtype dtype);

}  // namespace pressroom
