// The bytes of a safetensors file that is written.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace pressroom {

// What comes before the data: the length of `header` in eight bytes, little end first, and `header`
// with blanks up to a multiple of eight, so that tensors are aligned. Its "data_offsets" point into
// the data.
std::string safetensors_head(const nlohmann::ordered_json& header);

// The same with `data` behind it.
std::string safetensors_text(const nlohmann::ordered_json& header, const std::string& data);

}  // namespace pressroom
