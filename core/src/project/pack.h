// From a plugin's project and what was built of it to the members of its bundle.
//
//   PackRequest request;
//   request.project = "my_press";
//   request.plugins = {"my_press/build/pressroom_method_my_press.so"};
//   request.golden = golden_text(golden_answers(...));
//   const PackedBundle packed = pack(request);
//   write_bundle(packed.members, bundle_file_name(packed.manifest));
//
// The same project at the same commit gives the same bytes: in another folder, at another time, by
// another user. Nothing is written, and nothing of the project is run.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "bundle/bundle_archive.h"
#include "bundle/bundle_manifest.h"

namespace pressroom {

struct PackRequest {
  std::filesystem::path project;               // its folder
  std::vector<std::filesystem::path> plugins;  // one shared object for each variant, one at least
  std::string golden;                          // golden.json
  bool allow_dirty = false;                    // though files differ from git's commit
};

struct PackedBundle {
  BundleMembers members;  // not signed
  BundleManifest manifest;
};

// Throws Error, with everything that is wrong, where
//
// - README.md, CMakeLists.txt, LICENSE or bundle.yaml is missing, or bundle.yaml is wrong;
// - README.md or bundle.yaml still says that something is to be filled in;
// - the working tree is dirty, and that is not allowed;
// - a file cannot be in a bundle (project_sources.h);
// - the shared objects are not one plugin of one version, two are of one variant, or one was built
//   with an SDK that bundle.yaml excludes.
PackedBundle pack(const PackRequest& request);

}  // namespace pressroom
