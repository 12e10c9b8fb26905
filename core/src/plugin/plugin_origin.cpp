#include "plugin/plugin_origin.h"

namespace pressroom {

std::string origin_text(const PluginOrigin& origin) {
  const std::string from =
      origin.repository.empty()
          ? "bundle " + (origin.location.empty() ? origin.bundle_sha256 : origin.location)
          : "repository " + origin.repository;
  return origin.is_unsigned() ? from + ", unsigned" : from;
}

}  // namespace pressroom
