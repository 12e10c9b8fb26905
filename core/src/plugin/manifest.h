// The manifest of a plugin: who it is and what it was built with, read from its file and judged
// before any of its code runs.
//
//   const PluginRecord record = read_manifest("plugins/pressroom_method_h2o.so");
//   record.kind;                       // PluginKind::kMethod
//   quoted_label(record.kind, record.name);               // method "h2o"
//   if (auto problem = incompatibility(record)) throw Error(*problem);
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "plugin/plugin_origin.h"
#include "pressroom/error.h"

namespace pressroom {

enum class PluginKind { kMethod, kDataset, kMetric };

const char* to_string(PluginKind kind);  // "method", "dataset", "metric"

// The inverse; nothing for another word.
std::optional<PluginKind> plugin_kind_named(const std::string& word);

// One installed plugin, as its manifest declares it.
struct PluginRecord {
  PluginKind kind = PluginKind::kMethod;
  std::string name;
  std::string version;
  std::filesystem::path file;
  std::map<std::string, std::string> manifest;  // sdk, torch, compiler, cxx_abi, build ...
  // What the plugin said of itself when it was built: summary, paper, parameters, kind, and all of
  // it as `declaration` (declaration_json.h). Empty where it was not built with
  // pressroom_add_method, _dataset or _metric.
  std::map<std::string, std::string> description;
  // What is installed as a bundle has one: read_manifest() leaves both empty.
  std::optional<PluginOrigin> origin{};
  std::string vouched_sha256{};  // that the file must have; "" where nobody says
};

// Reads `file`'s manifest and description into a record; nothing but kind and name has been judged
// then. Throws Error when it is no file that can be read, when there is no manifest, when it is
// damaged or incomplete, or when it declares an unknown kind or a name that is not [a-z][a-z0-9_]*.
PluginRecord read_manifest(const std::filesystem::path& file);

// Why a plugin with this manifest cannot run in this harness, or nothing when it can.
//
// The SDK's major number, libtorch's major and minor numbers, the compiler ABI string and the hash
// of the SDK's declarations must be equal; the SDK's minor number must not be newer than the
// harness's. The compiler itself may differ as long as its ABI does not, and so may the build type:
// release and debug code share one layout unless _GLIBCXX_DEBUG is defined, which the ABI string
// says.
std::optional<Problem> incompatibility(const PluginRecord& record);

// `method "h2o"`, the way messages call a plugin.
std::string quoted_label(PluginKind kind, const std::string& name);

// [a-z][a-z0-9_]*
bool is_plain_name(const std::string& name);

}  // namespace pressroom
