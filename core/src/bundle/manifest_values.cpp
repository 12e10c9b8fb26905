#include "bundle/manifest_values.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "pressroom/error.h"

namespace pressroom {
namespace {

SdkVersion sdk_version_of(const StrictObject& object, const std::string& key) {
  const std::optional<SdkVersion> version = parse_sdk_version(object.text(key));
  if (version) return *version;
  object.refuse(key, "this is no version of the SDK", "MAJOR.MINOR, as in 7.0: plain numbers");
}

}  // namespace

PluginKind plugin_kind_of(const StrictObject& object) {
  const std::string word = object.text("kind");
  for (const PluginKind kind : {PluginKind::kMethod, PluginKind::kDataset, PluginKind::kMetric}) {
    if (word == to_string(kind)) return kind;
  }
  const std::string meant = closest_match(word, {"method", "dataset", "metric"});
  object.refuse("kind", "the plugin is of an unknown kind", "method, dataset or metric",
                meant.empty() ? "" : "did you mean \"" + meant + "\"?");
}

Version plugin_version_of(const StrictObject& object) {
  const std::optional<Version> version = parse_version(object.text("version"));
  if (version) return *version;
  object.refuse("version", "this is no version", "MAJOR.MINOR.PATCH, as in 1.0.0: plain numbers");
}

SdkRange sdk_range_of(const StrictObject& object) {
  const StrictObject sdk = object.object("sdk");
  sdk.allow_keys({"minimum", "below"});
  return {sdk_version_of(sdk, "minimum"), sdk_version_of(sdk, "below")};
}

nlohmann::ordered_json sdk_range_json(const SdkRange& range) {
  return {{"minimum", range.minimum.text()}, {"below", range.below.text()}};
}

}  // namespace pressroom
