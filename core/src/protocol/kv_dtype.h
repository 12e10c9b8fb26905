// How the keys and values of a cache's entries are held. Arithmetic is float32 whatever it is: an
// entry is rounded once, when it is born, and everything that reads it reads the rounded number.
//
//   parse_kv_dtype("q8") == KvDtype::kQ8;
//   stored_bytes(KvDtype::kQ8, 64) == 68;      // a vector of 64 channels: 64 integers, 2 scales
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pressroom {

enum class KvDtype {
  kFloat32,
  kBfloat16,  // 8 bits of precision, the range of float32
  kFloat16,   // 11 bits of precision, up to 65,504
  // Integers in -127 .. 127 and a float16 scale for each kScaledChannels channels.
  kQ8,
};

// Channels of a key or value that share a scale under kQ8; the last of a vector may be fewer.
constexpr std::int64_t kScaledChannels = 32;

// "float32", "bfloat16", "float16", "q8".
const char* to_string(KvDtype dtype);
const std::vector<std::string>& kv_dtype_names();

// Throws Error when `name` is none of kv_dtype_names().
KvDtype parse_kv_dtype(const std::string& name);

// Bytes that a key or a value of `channels` channels takes, its scales included.
std::int64_t stored_bytes(KvDtype dtype, std::int64_t channels);

}  // namespace pressroom
