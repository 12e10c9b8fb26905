// The shared objects that a bundle brings along, each built for one kind of harness and lying in a
// folder that is named after it.
//
//   variants/7.0-1.13-1017-cxx11-1-x86_64/h2o.so
//   members.find(std::string(kVariantsFolder) + variant_name() + "/h2o.so");   // for this harness
#pragma once

#include <string>
#include <string_view>

#include "bundle/bundle_manifest.h"
#include "bundle/member_path.h"
#include "plugin/manifest.h"

namespace pressroom {

// The folder of what was built as `built` says, for a processor that `uname -m` calls `processor`:
// MAJOR.MINOR of SDK and libtorch, the C++ ABI, the processor. One component of a path, whatever
// `built` says.
//
// A plugin from the folder of this harness may still be refused by incompatibility()
// (plugin/manifest.h): the hash of the SDK's declarations is not in the name.
std::string variant_name(const PluginRecord& built, const std::string& processor);

// The one for this harness.
std::string variant_name();

// What the bytes of a shared object say that they are, for whatever processor they are built.
struct BuiltVariant {
  PluginRecord record;  // its file is none that anybody has
  std::string variant;  // the folder it belongs into
};

// Throws Error, about `where`, for what is no plugin. None of its code runs, and nothing is written
// to a disk.
BuiltVariant built_variant(std::string_view bytes, const std::string& where);

// Throws Error, about `where`, unless `bytes` are a shared object whose manifest is of the bundle's
// kind, name and version, and that was built for what its folder says, in a file of the plugin's
// name. None of its code runs, and nothing is written to a disk.
void check_variant(const VariantPath& path, std::string_view bytes, const BundleManifest& bundle,
                   const std::string& where);

}  // namespace pressroom
