// What the tests of the plugin store share: small bundles in a home of their own, and what is said
// of them.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/sha256.h"
#include "bundle_test_support.h"
#include "scratch_folder.h"
#include "store/bundle_store.h"
#include "store/profile.h"

namespace pressroom {

inline constexpr const char* kStoreVariant = "7.0-1.13-1017-cxx11-1-x86_64";

// A bundle as the store gets it: judged, which these are not in all respects.
struct StoredBundle {
  BundleMembers members;
  BundleManifest manifest;
  std::string sha256;  // of a file that nobody has
};

// Bundles of other numbers have other bytes, names and hashes.
inline StoredBundle numbered_bundle(int number) {
  const std::string name = "press_" + std::to_string(number);
  StoredBundle bundle;
  bundle.members = small_bundle();
  bundle.members.erase(kManifestPath);
  bundle.members[kVariantsFolder + std::string(kStoreVariant) + "/" + name + ".so"] = {
      "\x7F"
      "ELF of " +
          name,
      true};
  bundle.manifest = small_manifest();
  bundle.manifest.name = name;
  bundle.members = with_manifest(bundle.members, bundle.manifest);
  bundle.members[kSignaturePath] = {"untrusted comment: x\n", false};
  bundle.sha256 = sha256_hex(name);
  return bundle;
}

inline InstalledPlugin plugin_of(const StoredBundle& bundle) {
  InstalledPlugin plugin;
  plugin.kind = bundle.manifest.kind;
  plugin.name = bundle.manifest.name;
  plugin.version = bundle.manifest.version;
  plugin.bundle_sha256 = bundle.sha256;
  const std::string inside =
      kVariantsFolder + std::string(kStoreVariant) + "/" + plugin.name + ".so";
  plugin.file_sha256 = sha256_hex(bundle.members.at(inside).bytes);
  plugin.file = "store/" + bundle.sha256 + "/" + inside;
  plugin.repository = "lab";
  plugin.location = "/srv/presses";
  plugin.key = "RWQ";
  plugin.golden = kGoldenPassed;
  return plugin;
}

// Installs the bundle as a command does: into the store, then into the profile.
inline std::int64_t install_into(const std::filesystem::path& home, const StoredBundle& bundle) {
  BundleStore store(home);
  store.add(bundle.members, bundle.manifest, bundle.sha256);
  const ProfileLock lock(home);
  Profile next = read_profile(home, kStoreVariant);
  next.made_by = "install " + bundle.manifest.name + " 1.1.0";
  next.add(plugin_of(bundle));
  return switch_profile(home, kStoreVariant, next, lock);
}

inline std::vector<std::string> names_of(const Profile& profile) {
  std::vector<std::string> names;
  for (const InstalledPlugin& plugin : profile.plugins) names.push_back(plugin.name);
  return names;
}

// Where a test that writes very often does not wait for a disk each time.
inline std::filesystem::path quick_folder() {
  const std::filesystem::path memory = "/dev/shm";
  return ::access(memory.c_str(), W_OK | X_OK) == 0 ? memory
                                                    : std::filesystem::temp_directory_path();
}

// The names in a folder, in order.
inline std::vector<std::string> listing(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace pressroom
