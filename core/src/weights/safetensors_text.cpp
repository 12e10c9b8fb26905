#include "weights/safetensors_text.h"

#include <cstdint>
#include <nlohmann/json.hpp>

namespace pressroom {

std::string safetensors_head(const nlohmann::ordered_json& header) {
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) {
    bytes += static_cast<char>(static_cast<std::uint64_t>(text.size()) >> shift & 0xFF);
  }
  return bytes + text;
}

std::string safetensors_text(const nlohmann::ordered_json& header, const std::string& data) {
  return safetensors_head(header) + data;
}

}  // namespace pressroom
