// What the files of a bundle say of each other: that they are those of its manifest, and its shared
// objects the plugin that it names.
//
//   BundleMembers members = files_of_the_plugin();
//   manifest.files = listed_files(members);
//   members[kManifestPath] = {bundle_manifest_text(manifest, where), false};
//   verify_contents(members, where);               // what it will be held to
//   write_bundle(members, bundle_file_name(manifest));
#pragma once

#include <map>
#include <string>

#include "bundle/bundle_archive.h"
#include "bundle/bundle_manifest.h"

namespace pressroom {

// What a manifest says of `members`: all but the manifest itself and its signature.
std::map<std::string, BundleFile> listed_files(const BundleMembers& members);

// The manifest of the bundle `where`, held to its members. Throws Error unless
//
// - manifest.json is there, and right (parse_bundle_manifest);
// - README.md, golden.json and src/CMakeLists.txt are there;
// - every file that the manifest lists is there, with its size, hash and mode, and no other is but
//   the manifest and its signature;
// - every variant is a shared object for the processor, SDK, libtorch and ABI that its folder is
//   named after, with a Pressroom manifest of the bundle's kind, name and version.
//
// None of the code in it runs. Whether the manifest is signed is for others to say.
BundleManifest verify_contents(const BundleMembers& members, const std::string& where);

}  // namespace pressroom
