// Numbers of a JSON file that there may be none of: null then.
//
//   json["p_value"] = json_number(test.p);             // absent, NaN or infinite: null
//   json["num_tokens"] = json_count(loss.targets);     // absent: null
#pragma once

#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>

namespace pressroom {

// Null for what is absent or not finite: JSON has no NaN.
inline nlohmann::ordered_json json_number(const std::optional<double>& value) {
  if (!value || !std::isfinite(*value)) return nullptr;
  return *value;
}

// Null for what is absent.
inline nlohmann::ordered_json json_count(const std::optional<std::int64_t>& value) {
  if (!value) return nullptr;
  return *value;
}

}  // namespace pressroom
