// What is installed for one kind of harness: generations, of which one is in use.
//
//   const Profile now = read_profile(home, variant_name());   // to use it: no lock
//
//   const ProfileLock lock(home);                      // to change it: one process at a time
//   Profile next = read_profile(home, variant_name());
//   next.made_by = "install my_press 1.2.0";
//   next.add(plugin);                                  // its bundle is in the store
//   switch_profile(home, variant_name(), next, lock);  // one rename
//
// A process killed at any moment leaves the old profile or the new one. `variant` is the name of a
// variant (bundle/variant.h); anything else is refused with an Error, as is a home that
// check_home_folder refuses (plugin_home.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "bundle/version.h"
#include "plugin/manifest.h"
#include "store/profile_lock.h"

namespace pressroom {

inline constexpr const char* kGoldenPassed = "passed";
inline constexpr const char* kGoldenNotRun = "not run";

// One version of one plugin, as it was installed.
struct InstalledPlugin {
  PluginKind kind = PluginKind::kMethod;
  std::string name;
  Version version;
  std::string bundle_sha256;
  std::string file_sha256;  // of the shared object that is loaded
  // Relative to the home: "store/<bundle_sha256>/variants/<variant>/NAME.so", or with built/ in
  // place of variants/ where it was built here from the bundle's source.
  std::string file;
  bool built_here = false;
  std::string repository;  // the name it was known by here; "" for a file that was given
  std::string location;    // of the repository, or of the file
  std::string key;         // line of the public key that vouched; "" where nobody did
  std::string golden;      // kGoldenPassed or kGoldenNotRun
};

bool operator==(const InstalledPlugin& a, const InstalledPlugin& b);

struct Profile {
  std::int64_t generation = 0;           // 0: nothing was ever installed
  std::int64_t previous = 0;             // the generation it was made from
  std::string made_by;                   // "install my_press 1.2.0", for `plugin rollback` to say
  std::vector<InstalledPlugin> plugins;  // by kind, name, version

  // Adds, or replaces the same kind, name and version.
  void add(InstalledPlugin plugin);
  // By name, and version where it is given. How many were removed.
  std::size_t remove(const std::string& name, const std::optional<Version>& version);
};

// The generation in use; an empty one where nothing is installed. Throws Error for a damaged
// profile (what, where, what to do: `pressroom plugin rollback`).
Profile read_profile(const std::filesystem::path& home, const std::string& variant);

// All generations that are there, oldest first; which one is in use is read_profile's. Throws Error
// where one of them is damaged.
std::vector<Profile> profile_generations(const std::filesystem::path& home,
                                         const std::string& variant);

// The hashes of the bundles that any generation of any variant names, in order and once: what
// BundleStore::collect keeps. Throws Error where one of them is damaged.
std::vector<std::string> bundles_in_use(const std::filesystem::path& home);

// Writes `next` as a generation of its own and makes it the one in use by renaming one link.
// Returns its number. Kept are the newest ten generations, and the ten that roll_back leads to.
//
// Throws Error where it cannot be written, breaks a rule of profile_text.h, was not made from the
// generation in use (next.generation is the one that it was read as), or has a plugin that the one
// in use lacks and whose file is not in the store. Nothing has changed then.
std::int64_t switch_profile(const std::filesystem::path& home, const std::string& variant,
                            Profile next, const ProfileLock& lock);

// Makes the generation that the one in use was made from the one in use again: one rename. Returns
// it. Where the one in use is damaged, that is the newest readable one before it. Throws Error
// where there is none.
Profile roll_back(const std::filesystem::path& home, const std::string& variant,
                  const ProfileLock& lock);

}  // namespace pressroom
