// What says which plugin something is, as every record about plugins spells it in JSON.
//
//   const StrictObject object(json, rules, where);
//   plugin_kind_of(object);                       // "kind": "method"
//   plugin_version_of(object);                    // "version": "1.1.0"
//   sdk_range_of(object);                         // "sdk": {"minimum": "7.0", "below": "8.0"}
//   json["sdk"] = sdk_range_json(manifest.sdk);
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "base/strict_json.h"
#include "bundle/version.h"
#include "plugin/manifest.h"

namespace pressroom {

// Each throws Error where the key is missing or its value is none of those above.
PluginKind plugin_kind_of(const StrictObject& object);
Version plugin_version_of(const StrictObject& object);
SdkRange sdk_range_of(const StrictObject& object);

nlohmann::ordered_json sdk_range_json(const SdkRange& range);

}  // namespace pressroom
