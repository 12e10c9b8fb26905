// The content-addressed store of a plugin home: unpacked bundles, each under the SHA-256 of its
// file.
//
//   BundleStore store(home);
//   store.add(members, verify_contents(members, where), sha256_file(bundle));
//   store.verify(sha256).empty();
//
// A bundle is there whole, on the disk, or not at all, whatever happens meanwhile. Reading needs no
// lock and no right to write.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "bundle/bundle_archive.h"
#include "bundle/bundle_manifest.h"
#include "pressroom/error.h"
#include "store/bundle_hold.h"
#include "store/profile_lock.h"

namespace pressroom {

// Everything takes the hash of a bundle's file as 64 lower-case hex digits, and throws Error for
// anything else, and for a home that check_home_folder or, to change it, make_plugin_home refuses.
class BundleStore {
 public:
  // Looks at nothing yet.
  explicit BundleStore(const std::filesystem::path& home);
  BundleStore(const BundleStore&) = delete;
  BundleStore& operator=(const BundleStore&) = delete;

  // store/<bundle_sha256>
  std::filesystem::path folder_of(const std::string& bundle_sha256) const;

  // Whether there is a folder for it; verify says whether it is right.
  bool has(const std::string& bundle_sha256) const;

  // Unpacks judged members (verify_contents) into incoming/, then puts the folder into its place by
  // one rename. A folder that is there already with the right files is left; one with wrong files
  // is replaced, and what was built there stays. Killed half way, it leaves something in incoming/
  // that a later call removes. Files are read-only (0444, 0555).
  //
  // The bundle is held until this object is destroyed or collects: no other process removes it,
  // though no profile names it yet. So call it for a bundle that is there already, too.
  //
  // Throws Error where it cannot be written; then nothing has changed.
  std::filesystem::path add(const BundleMembers& members, const BundleManifest& manifest,
                            const std::string& bundle_sha256);

  // Adds a plugin that was built here from the bundle's source, as built/VARIANT/NAME.so, in place
  // of an earlier one: the old one or the new one is there at any time. Holds the bundle as add
  // does. Throws Error where the bundle is not in the store, and where `file` is no regular file or
  // has more than 256 MiB.
  std::filesystem::path add_built(const std::string& bundle_sha256, const std::string& variant,
                                  const std::string& name, const std::filesystem::path& file);

  // Every file of the unpacked bundle held to its manifest: missing, other bytes, and what is no
  // part of it (plugins in built/ aside). Empty where all is well.
  std::vector<Problem> verify(const std::string& bundle_sha256) const;

  // Its manifest, read from the folder. Throws Error.
  BundleManifest manifest_of(const std::string& bundle_sha256) const;

  // Removes the bundles that are neither `in_use` (bundles_in_use, profile.h, asked for under the
  // same lock) nor held by another BundleStore, and what ended processes left in incoming/. Returns
  // the hashes of those removed, in order. What this object held is held no more.
  std::vector<std::string> collect(const std::vector<std::string>& in_use, const ProfileLock& lock);

 private:
  void hold(const std::string& bundle_sha256);

  std::filesystem::path home_;
  std::map<std::string, BundleHold> holds_;
};

}  // namespace pressroom
