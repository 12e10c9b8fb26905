// plugins.lock: which plugins a campaign uses, to the bit, so that whoever runs it again can get
// them and know that they are the same.
//
//   {"schema": "pressroom.lock/1", "pressroom": "0.1.0",
//    "variant": "7.0-1.13-1017-cxx11-1-x86_64",
//    "plugins": [
//      {"kind": "method", "name": "dense", "version": "1.0.0", "file_sha256": "60303ae2...",
//       "origin": "built-in"},
//      {"kind": "method", "name": "my_press", "version": "1.2.0", "file_sha256": "9f86d081...",
//       "origin": "bundle", "bundle_sha256": "ba7816bf...", "repository": "lab",
//       "location": "/srv/presses", "key": "RWTXSxLGGK+J3i4v..."}]}
//
//   const PluginsLock lock = read_plugins_lock("results/quickstart/plugins.lock");
//
// A lock may come from anyone: it names plugins, and vouches for none of them.
// docs/schemas/plugins_lock.schema.json says the same as a JSON Schema.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace pressroom {

inline constexpr const char* kLockFile = "plugins.lock";  // in a campaign's directory
inline constexpr const char* kLockSchema = "pressroom.lock/1";
inline constexpr std::size_t kMostLockBytes = std::size_t{1} << 20;

// Where the file of a plugin came from.
inline constexpr const char* kBuiltIn = "built-in";   // with the harness
inline constexpr const char* kFromFolder = "folder";  // that somebody pointed at
inline constexpr const char* kFromBundle = "bundle";  // that was installed

struct LockedPlugin {
  std::string kind;         // "method", "dataset" or "metric"
  std::string name;         // [a-z][a-z0-9_]*
  std::string version;      // as the plugin says it
  std::string file_sha256;  // of the shared object; 64 lower-case hex digits
  std::string origin;       // one of the three above
  // Of a bundle alone, and "" otherwise.
  std::string bundle_sha256;
  std::string repository;  // the name it had where the campaign was planned; "" for a given file
  std::string location;    // of the repository, or of that file
  std::string key;         // line of the public key that vouched; "" where nobody did

  bool is_unsigned() const { return origin == kFromBundle && key.empty(); }
};

struct PluginsLock {
  std::string pressroom;              // version of the harness that planned the campaign
  std::string variant;                // what it was built for, as bundles name it
  std::vector<LockedPlugin> plugins;  // by kind, name and version, each once
};

// The text of the file: the same for the same lock.
std::string plugins_lock_text(const PluginsLock& lock);

// The inverse, of a text that anyone may have written. Throws Error, about `where` and the place in
// it, for what is longer than kMostLockBytes, nested deeper than a lock, no JSON, of another
// version of the schema, has a key that is unknown, missing, there twice or of another type, names
// a plugin twice, or breaks a rule above. Order and white space are free.
PluginsLock parse_plugins_lock(std::string_view text, const std::string& where);

// Throws Error where `file` cannot be read, or what parse_plugins_lock throws. A file that is too
// long is not read.
PluginsLock read_plugins_lock(const std::filesystem::path& file);

}  // namespace pressroom
