#include "protocol/kv_dtype.h"

#include <algorithm>

#include "pressroom/error.h"

namespace pressroom {

const std::vector<std::string>& kv_dtype_names() {
  static const std::vector<std::string> kNames = {"float32", "bfloat16", "float16", "q8"};
  return kNames;
}

const char* to_string(KvDtype dtype) {
  return kv_dtype_names()[static_cast<std::size_t>(dtype)].c_str();
}

KvDtype parse_kv_dtype(const std::string& name) {
  const std::vector<std::string>& names = kv_dtype_names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found != names.end()) return static_cast<KvDtype>(found - names.begin());
  throw Error({"keys and values cannot be held as that", "kv_dtype",
               "float32, bfloat16, float16 or q8", name, ""});
}

std::int64_t stored_bytes(KvDtype dtype, std::int64_t channels) {
  switch (dtype) {
    case KvDtype::kFloat32:
      return 4 * channels;
    case KvDtype::kBfloat16:
    case KvDtype::kFloat16:
      return 2 * channels;
    case KvDtype::kQ8:
      return channels + 2 * ((channels + kScaledChannels - 1) / kScaledChannels);
  }
  PRESSROOM_ASSERT(false);
  return 0;
}

}  // namespace pressroom
