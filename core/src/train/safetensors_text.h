// The bytes of a safetensors file, as the trainers write them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace pressroom {

// `header` as the format wants it - its length in eight bytes, little end first, and blanks up to a
// multiple of eight, so that tensors are aligned - and behind it `data`, which "data_offsets" of
// the header point into.
std::string safetensors_text(const nlohmann::ordered_json& header, const std::string& data);

}  // namespace pressroom
