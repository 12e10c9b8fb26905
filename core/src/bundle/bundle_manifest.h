// manifest.json of a bundle: who the plugin is, what it may be built with, and the hash of every
// other file. Who trusts the manifest - because it is signed, or its hash is known - can trust the
// files that verify_contents (bundle_contents.h) holds to it.
//
//   {
//     "schema": "pressroom.bundle/1",
//     "name": "h2o", "kind": "method", "version": "1.1.0",
//     "licence": "Apache-2.0", "authors": ["A. Author"],
//     "summary": "keeps what was attended to most", "paper": "https://arxiv.org/abs/2306.14048",
//     "sdk": {"minimum": "7.0", "below": "8.0"},
//     "source": {"commit": "8e2e244c...", "dirty": false},
//     "files": [{"path": "README.md", "bytes": 812, "sha256": "ba7816bf..."}, ...]
//   }
//
// docs/schemas/bundle_manifest.schema.json says the same as a JSON Schema.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bundle/version.h"
#include "plugin/manifest.h"

namespace pressroom {

inline constexpr const char* kBundleSchema = "pressroom.bundle/1";
inline constexpr std::size_t kMostManifestBytes = std::size_t{1} << 20;

// One file of the bundle, as it must be.
struct BundleFile {
  std::int64_t bytes = 0;
  std::string sha256;       // 64 lower-case hex digits
  bool executable = false;  // in the text only where it is true
};

// What the source in the bundle was taken from.
struct BundleSource {
  std::string commit;  // of git: 40 lower-case hex digits, or 64
  bool dirty = false;  // files differed from that commit
};

struct BundleManifest {
  std::string name;  // [a-z][a-z0-9_]*, at most 128 bytes
  PluginKind kind = PluginKind::kMethod;
  Version version;
  std::string licence;               // "Apache-2.0": an SPDX expression, though nobody checks
  std::vector<std::string> authors;  // one at least
  std::string summary;
  std::string paper;  // "" for none
  SdkRange sdk;
  std::optional<BundleSource> source;       // absent where it was under no version control
  std::map<std::string, BundleFile> files;  // by path; all but the manifest and its signature
};

// Throws Error, about `where` and a key, for a manifest whose values break a rule: licence,
// authors, summary and paper are each one line that a terminal can show, licence, summary and the
// authors not empty; paths are those of member_path.h, and can lie beside each other; the rest is
// as the comments above have it.
void check_bundle_manifest(const BundleManifest& manifest, const std::string& where);

// The manifest as its file holds it: keys in the order above, files by path, so that one manifest
// has one text. Throws Error for what parse_bundle_manifest would not take.
std::string bundle_manifest_text(const BundleManifest& manifest, const std::string& where);

// The inverse, of a text that anyone may have written. Throws Error, about `where` and the key in
// it, for what is longer than kMostManifestBytes, nested deeper than a manifest, no JSON, of
// another version of the schema, has a key that is unknown, missing, there twice or of another
// type, or breaks a rule above. Order and white space are free.
BundleManifest parse_bundle_manifest(std::string_view text, const std::string& where);

// "h2o-1.1.0.press.tar.zst"
std::string bundle_file_name(const BundleManifest& manifest);

}  // namespace pressroom
