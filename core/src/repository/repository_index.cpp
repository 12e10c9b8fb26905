#include "repository/repository_index.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "base/json_text.h"
#include "base/sha256.h"
#include "base/strict_json.h"
#include "bundle/manifest_values.h"

namespace pressroom {
namespace {

using IndexJson = nlohmann::ordered_json;  // keeps the order of keys

const JsonRules& index_rules() {
  static const JsonRules rules = {"the repository's index", kMostIndexBytes,
                                  4,  // a bundle's authors
                                  "ask the repository's maintainer to publish again",
                                  "publish into a second repository"};
  return rules;
}

IndexedBundle indexed_bundle_of(const StrictObject& object) {
  object.allow_keys({"file", "bytes", "sha256", "name", "kind", "version", "licence", "authors",
                     "summary", "paper", "sdk", "variants"});
  IndexedBundle bundle;
  bundle.file = object.text("file");
  const std::int64_t bytes = object.whole_number("bytes");
  if (bytes < 0) object.refuse("bytes", "a bundle has a size below nothing", "1 byte or more");
  bundle.bytes = static_cast<std::uint64_t>(bytes);
  bundle.sha256 = object.text("sha256");
  bundle.name = object.text("name");
  bundle.kind = plugin_kind_of(object);
  bundle.version = plugin_version_of(object);
  bundle.licence = object.text("licence");
  bundle.authors = object.texts("authors");
  bundle.summary = object.text("summary");
  bundle.paper = object.text("paper");
  bundle.sdk = sdk_range_of(object);
  bundle.variants = object.texts("variants");
  return bundle;
}

IndexJson indexed_bundle_json(const IndexedBundle& bundle) {
  return {{"file", bundle.file},
          {"bytes", bundle.bytes},
          {"sha256", bundle.sha256},
          {"name", bundle.name},
          {"kind", to_string(bundle.kind)},
          {"version", bundle.version.text()},
          {"licence", bundle.licence},
          {"authors", bundle.authors},
          {"summary", bundle.summary},
          {"paper", bundle.paper},
          {"sdk", sdk_range_json(bundle.sdk)},
          {"variants", bundle.variants}};
}

// Before an object is made of each: a list of brackets alone would take much memory.
void refuse_long_list(const nlohmann::json& json, const char* key, std::size_t most,
                      const std::string& where) {
  const auto found = json.find(key);
  if (found == json.end() || !found->is_array() || found->size() <= most) return;
  throw Error({"a list of the repository's index is too long", where + ": " + key,
               std::to_string(most) + " at most", std::to_string(found->size()),
               index_rules().fix});
}

}  // namespace

const IndexedBundle* RepositoryIndex::find(const std::string& name,
                                           const std::optional<Version>& version) const {
  const IndexedBundle* newest = nullptr;
  for (const IndexedBundle& bundle : bundles) {
    if (bundle.name != name || (version && bundle.version != *version)) continue;
    if (newest == nullptr || bundle.version > newest->version) newest = &bundle;
  }
  return newest;
}

std::vector<const IndexedBundle*> RepositoryIndex::versions_of(const std::string& name) const {
  std::vector<const IndexedBundle*> versions;
  for (const IndexedBundle& bundle : bundles) {
    if (bundle.name == name) versions.push_back(&bundle);
  }
  std::sort(versions.begin(), versions.end(),
            [](const auto* a, const auto* b) { return a->version > b->version; });
  return versions;
}

std::string repository_index_text(const RepositoryIndex& index, const std::string& where) {
  check_repository_index(index, where);
  IndexJson json = {{"schema", kRepositorySchema},
                    {"serial", index.serial},
                    {"expires", index.expires.text()},
                    {"keys", indexed_keys_json(index.keys)},
                    {"bundles", IndexJson::array()}};
  std::vector<const IndexedBundle*> sorted;
  sorted.reserve(index.bundles.size());
  for (const IndexedBundle& bundle : index.bundles) sorted.push_back(&bundle);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) {
    return std::tie(a->name, a->version) < std::tie(b->name, b->version);
  });
  for (const IndexedBundle* bundle : sorted)
    json["bundles"].push_back(indexed_bundle_json(*bundle));
  std::string text = json_text(json);
  refuse_long_json(text, index_rules(), where);
  return text;
}

RepositoryIndex parse_repository_index(std::string_view text, const std::string& where) {
  const nlohmann::json json = parse_strict_json(text, index_rules(), where);
  const StrictObject object(json, index_rules(), where);
  // First: of another version, every key may be another.
  if (object.text("schema") != kRepositorySchema) {
    object.refuse("schema", "the repository is of another version of the format", kRepositorySchema,
                  "update Pressroom, or ask for a repository of this version");
  }
  object.allow_keys({"schema", "serial", "expires", "keys", "bundles"});
  RepositoryIndex index;
  index.serial = object.whole_number("serial");
  const std::optional<UtcTime> expires = parse_utc_time(object.text("expires"));
  if (!expires) object.refuse("expires", "this is no moment", "as in 2027-05-01T00:00:00Z");
  index.expires = *expires;
  refuse_long_list(json, "keys", kMostIndexedKeys, where);
  refuse_long_list(json, "bundles", kMostIndexedBundles, where);
  index.keys = indexed_keys_of(object, "keys");
  for (const StrictObject& bundle : object.objects("bundles")) {
    index.bundles.push_back(indexed_bundle_of(bundle));
  }
  check_repository_index(index, where);
  return index;
}

std::string index_signature_path(std::string_view index_text) {
  return kSignaturesFolder + sha256_hex(index_text) + ".minisig";
}

}  // namespace pressroom
