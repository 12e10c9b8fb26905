#include "bundle/bundle_manifest.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "base/json_text.h"
#include "base/strict_json.h"
#include "bundle/manifest_values.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

using ManifestJson = nlohmann::ordered_json;  // keeps the order of keys

const JsonRules& manifest_rules() {
  static const JsonRules rules = {"the bundle's manifest", kMostManifestBytes,
                                  4,  // it has three levels
                                  "get the bundle again, or have it made again",
                                  "put fewer files into the bundle"};
  return rules;
}

std::pair<std::string, BundleFile> file_of(const StrictObject& object) {
  object.allow_keys({"path", "bytes", "sha256", "executable"});
  BundleFile file;
  file.bytes = object.whole_number("bytes");
  file.sha256 = object.text("sha256");
  file.executable = object.has("executable") && object.flag("executable");
  return {object.text("path"), file};
}

}  // namespace

std::string bundle_manifest_text(const BundleManifest& manifest, const std::string& where) {
  check_bundle_manifest(manifest, where);
  ManifestJson json = {{"schema", kBundleSchema},
                       {"name", manifest.name},
                       {"kind", to_string(manifest.kind)},
                       {"version", manifest.version.text()},
                       {"licence", manifest.licence},
                       {"authors", manifest.authors},
                       {"summary", manifest.summary},
                       {"paper", manifest.paper},
                       {"sdk", sdk_range_json(manifest.sdk)}};
  if (manifest.source) {
    json["source"] = {{"commit", manifest.source->commit}, {"dirty", manifest.source->dirty}};
  }
  json["files"] = ManifestJson::array();
  for (const auto& [path, file] : manifest.files) {
    ManifestJson entry = {{"path", path}, {"bytes", file.bytes}, {"sha256", file.sha256}};
    if (file.executable) entry["executable"] = true;
    json["files"].push_back(std::move(entry));
  }
  std::string text = json_text(json);
  refuse_long_json(text, manifest_rules(), where);
  return text;
}

BundleManifest parse_bundle_manifest(std::string_view text, const std::string& where) {
  const nlohmann::json json = parse_strict_json(text, manifest_rules(), where);
  const StrictObject object(json, manifest_rules(), where);
  // First: of another version, every key may be another.
  if (object.text("schema") != kBundleSchema) {
    object.refuse("schema", "the bundle is of another version of the format", kBundleSchema,
                  "update Pressroom, or ask for a bundle made by this version of it");
  }
  object.allow_keys({"schema", "name", "kind", "version", "licence", "authors", "summary", "paper",
                     "sdk", "source", "files"});
  BundleManifest manifest;
  manifest.name = object.text("name");
  manifest.kind = plugin_kind_of(object);
  manifest.version = plugin_version_of(object);
  manifest.licence = object.text("licence");
  manifest.authors = object.texts("authors");
  manifest.summary = object.text("summary");
  manifest.paper = object.text("paper");
  manifest.sdk = sdk_range_of(object);
  if (object.has("source")) {
    const StrictObject source = object.object("source");
    source.allow_keys({"commit", "dirty"});
    manifest.source = BundleSource{source.text("commit"), source.flag("dirty")};
  }
  for (const StrictObject& entry : object.objects("files")) {
    auto [path, file] = file_of(entry);
    if (!manifest.files.emplace(path, std::move(file)).second) {
      entry.refuse("path", "the manifest lists a file twice", "every file once");
    }
  }
  check_bundle_manifest(manifest, where);
  return manifest;
}

std::string bundle_file_name(const BundleManifest& manifest) {
  return manifest.name + '-' + manifest.version.text() + ".press.tar.zst";
}

}  // namespace pressroom
