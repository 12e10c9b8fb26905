// index.json of a repository: what it offers, how new that is and how long it holds.
//
//   {
//     "schema": "pressroom.repository/1",
//     "serial": 12,
//     "expires": "2027-05-01T00:00:00Z",
//     "keys": [{"key": "RW...", "owner": "A. Author", "expires": "2028-01-01T00:00:00Z"},
//              {"key": "RW...", "owner": "B. Author", "revoked": true}],
//     "bundles": [{"file": "bundles/my_press-1.2.0.press.tar.zst", "bytes": 51234, "sha256": "...",
//                  "name": "my_press", "kind": "method", "version": "1.2.0",
//                  "licence": "Apache-2.0", "authors": ["A. Author"],
//                  "summary": "keeps what was attended to most", "paper": "",
//                  "sdk": {"minimum": "7.0", "below": "8.0"},
//                  "variants": ["7.0-1.13-1017-cxx11-1-x86_64"]}]
//   }
//
// Its signature lies in signatures/<SHA-256 of index.json>.minisig: who publishes writes bundle and
// signature first, and then index.json, by one rename. So nobody sees an index beside the signature
// of another one.
//
// docs/schemas/repository_index.schema.json says the same as a JSON Schema.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/utc_time.h"
#include "bundle/version.h"
#include "plugin/manifest.h"
#include "repository/indexed_key.h"

namespace pressroom {

inline constexpr const char* kRepositorySchema = "pressroom.repository/1";
inline constexpr const char* kIndexPath = "index.json";
inline constexpr const char* kBundlesFolder = "bundles/";
inline constexpr const char* kSignaturesFolder = "signatures/";
inline constexpr std::size_t kMostIndexBytes = std::size_t{16} << 20;
inline constexpr std::size_t kMostIndexedBundles = 100'000;
inline constexpr std::uint64_t kMostBundleBytes = std::uint64_t{1} << 30;
inline constexpr std::int64_t kHighestSerial = (std::int64_t{1} << 53) - 1;  // exact in any JSON

// One version of one plugin. All but file, bytes and hash is what its manifest says
// (bundle_manifest.h), for who searches.
struct IndexedBundle {
  std::string file;  // "bundles/" and bundle_file_name() of its manifest
  std::uint64_t bytes = 0;
  std::string sha256;  // 64 lower-case hex digits
  std::string name;
  PluginKind kind = PluginKind::kMethod;
  Version version;
  std::string licence;
  std::vector<std::string> authors;
  std::string summary;
  std::string paper;  // "" for none
  SdkRange sdk;
  std::vector<std::string> variants;  // the folders in variants/; none where there is source alone
};

struct RepositoryIndex {
  std::int64_t serial = 1;  // one more each time, from 1 to kHighestSerial
  UtcTime expires;          // the first moment at which it no longer holds
  std::vector<IndexedKey> keys;
  std::vector<IndexedBundle> bundles;

  // The bundle of that name and version, or the newest of the name; nullptr where there is none.
  const IndexedBundle* find(const std::string& name,
                            const std::optional<Version>& version = std::nullopt) const;

  // All of a name, newest first.
  std::vector<const IndexedBundle*> versions_of(const std::string& name) const;
};

// Throws Error, about `where` and a key, for an index whose values break a rule: the numbers above;
// a file's name that is not the one of its plugin, so that none leads out of the repository; names,
// texts and SDK range as in a manifest; a plugin of two kinds; a version, a variant or a key twice.
void check_repository_index(const RepositoryIndex& index, const std::string& where);

// The index as its file holds it: keys in the order above, bundles by name and version, so that one
// index has one text. Throws Error for what parse_repository_index would not take.
std::string repository_index_text(const RepositoryIndex& index, const std::string& where);

// The inverse, of a text that anyone may have written. Throws Error, about `where` and the key in
// it, for what is longer than kMostIndexBytes, nested deeper than an index, no JSON, of another
// version of the schema, has a key that is unknown, missing, there twice or of another type, or
// breaks a rule above. Order and white space are free.
RepositoryIndex parse_repository_index(std::string_view text, const std::string& where);

// Where the signature of an index with these bytes lies.
std::string index_signature_path(std::string_view index_text);

}  // namespace pressroom
