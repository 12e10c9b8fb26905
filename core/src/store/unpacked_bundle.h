// The files of a bundle as they lie in a folder: written, and held to what they have to be.
//
//   unpack_bundle(members, folder);
//   unpacked_problems(folder, unpacked_files(members)).empty();
//
// The folder has every member under its path and, as the manifest cannot list itself, a file
// manifest.sha256 with the hashes of manifest.json and its signature, as `sha256sum` has them. In
// built/ are plugins that were built from the bundle's source, of which the bundle says nothing.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "bundle/bundle_archive.h"
#include "bundle/bundle_manifest.h"
#include "pressroom/error.h"

namespace pressroom {

inline constexpr const char* kBuiltFolder = "built";
inline constexpr const char* kInstallAgain = "install the bundle again";
inline constexpr std::int64_t kAnySize = -1;  // of a file that is known by its hash alone

using UnpackedFiles = std::map<std::string, BundleFile>;  // by path in the folder

// Writes the members into a new folder, each 0444, or 0555 where it is executable; when this
// returns, all of it is on the disk. Throws Error where that fails, and leaves what there is.
void unpack_bundle(const BundleMembers& members, const std::filesystem::path& folder);

// What the folder of these members has to have.
UnpackedFiles unpacked_files(const BundleMembers& members);

// The same as the folder itself has it: from its manifest, and of that and its signature from
// manifest.sha256. What is wrong with those goes to `problems`.
UnpackedFiles unpacked_files(const std::filesystem::path& folder, std::vector<Problem>& problems);

// What is wrong in `folder`, by path: files that are missing, have other bytes or another mode, or
// may be changed by everybody; what is no part of the bundle, and what is no file in place of one.
// At most 100 problems. No link is followed. Throws Error where the folder cannot be read.
std::vector<Problem> unpacked_problems(const std::filesystem::path& folder,
                                       const UnpackedFiles& files);

// The manifest in the folder. Throws Error.
BundleManifest unpacked_manifest(const std::filesystem::path& folder);

}  // namespace pressroom
