#include "store/bundle_store.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "base/sha256.h"
#include "base/whole_file.h"
#include "bundle/member_path.h"
#include "bundle/variant.h"
#include "store/home_files.h"
#include "store/place_folder.h"
#include "store/plugin_home.h"
#include "store/unpacked_bundle.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

void check_hash(const std::string& sha256) {
  if (is_sha256(sha256)) return;
  throw Error({"this is no hash of a bundle", "the store", "64 lower-case hex digits",
               quoted_path(sha256), "give the SHA-256 of the bundle's file"});
}

Problem missing_bundle(const fs::path& folder) {
  return {"the bundle is not in the store", folder.string(), "its files", "no such folder",
          kInstallAgain};
}

std::string built_bytes(const fs::path& file) {
  std::string why;
  const std::uint64_t most = BundleLimits().member_bytes;
  std::optional<std::string> bytes = read_home_file(file, most, why);
  if (bytes) return *std::move(bytes);
  throw Error({"the plugin that was built cannot be read", file.string(),
               "a shared object of at most " + std::to_string(most) + " bytes", why,
               "build it again"});
}

// Each as it is in a bundle's paths, so that it is one part of one here.
void check_built_name(const std::string& variant, const std::string& name) {
  const std::string path = kVariantsFolder + variant + "/" + name + ".so";
  check_member_path(path, "a plugin that was built");
  const std::optional<VariantPath> parts = variant_path(path);
  PRESSROOM_ASSERT(parts && parts->variant == variant && parts->name == name);
}

}  // namespace

BundleStore::BundleStore(const fs::path& home) : home_(plain_path(home)) {}

fs::path BundleStore::folder_of(const std::string& bundle_sha256) const {
  check_hash(bundle_sha256);
  return home_ / "store" / bundle_sha256;
}

bool BundleStore::has(const std::string& bundle_sha256) const {
  check_hash(bundle_sha256);
  return check_home_folder(home_, fs::path("store") / bundle_sha256);
}

void BundleStore::hold(const std::string& bundle_sha256) {
  make_plugin_home(home_);
  if (holds_.count(bundle_sha256) == 0) {
    holds_.emplace(bundle_sha256, BundleHold(home_, bundle_sha256));
  }
}

fs::path BundleStore::add(const BundleMembers& members, const BundleManifest& manifest,
                          const std::string& bundle_sha256) {
  const fs::path folder = folder_of(bundle_sha256);
  PRESSROOM_ASSERT(members.count(kManifestPath) == 1);
  // They were judged; but this is where a name becomes a path.
  for (const auto& [path, member] : members) check_member_path(path, bundle_file_name(manifest));
  make_plugin_home(home_);
  sweep_incoming(home_);
  hold(bundle_sha256);
  const UnpackedFiles files = unpacked_files(members);
  if (is_right_folder(folder, files)) return folder;
  const fs::path fresh = home_ / "incoming" / (bundle_sha256 + unique_ending());
  try {
    unpack_bundle(members, fresh);
    take_over_built(folder, fresh);
    place_folder(fresh, folder, files);
  } catch (...) {
    std::error_code ignored;  // the first failure is the one to tell; a later call tries again
    fs::remove_all(fresh, ignored);
    throw;
  }
  return folder;
}

fs::path BundleStore::add_built(const std::string& bundle_sha256, const std::string& variant,
                                const std::string& name, const fs::path& file) {
  const fs::path folder = folder_of(bundle_sha256);
  check_built_name(variant, name);
  hold(bundle_sha256);
  if (!has(bundle_sha256)) throw Error(missing_bundle(folder));
  const fs::path fresh = home_ / "incoming" / (bundle_sha256 + unique_ending());
  fs::path inside = fs::path("store") / bundle_sha256;
  for (const std::string& part : {std::string(kBuiltFolder), variant}) {
    make_home_folder(home_ / (inside /= part));
    sync_folder((home_ / inside).parent_path());
  }
  check_home_folder(home_, inside);
  const fs::path target = home_ / inside / (name + ".so");
  try {
    write_new_file(fresh, built_bytes(file), kReadOnlyProgram);
    sync_files({fresh});
    rename_in_home(fresh, target);
  } catch (...) {
    std::error_code ignored;
    fs::remove(fresh, ignored);
    throw;
  }
  return target;
}

std::vector<Problem> BundleStore::verify(const std::string& bundle_sha256) const {
  const fs::path folder = folder_of(bundle_sha256);
  if (!has(bundle_sha256)) return {missing_bundle(folder)};
  std::vector<Problem> problems;
  const UnpackedFiles files = unpacked_files(folder, problems);
  const std::vector<Problem> more = unpacked_problems(folder, files);
  problems.insert(problems.end(), more.begin(), more.end());
  return problems;
}

BundleManifest BundleStore::manifest_of(const std::string& bundle_sha256) const {
  const fs::path folder = folder_of(bundle_sha256);
  if (!has(bundle_sha256)) throw Error(missing_bundle(folder));
  return unpacked_manifest(folder);
}

std::vector<std::string> BundleStore::collect(const std::vector<std::string>& in_use,
                                              const ProfileLock& lock) {
  PRESSROOM_ASSERT(lock.is_of(home_));
  holds_.clear();
  make_plugin_home(home_);
  sweep_incoming(home_);
  std::vector<std::string> removed;
  for (const fs::directory_entry& entry : fs::directory_iterator(home_ / "store")) {
    const std::string sha256 = entry.path().filename().string();
    const bool is_used = std::find(in_use.begin(), in_use.end(), sha256) != in_use.end();
    if (is_sha256(sha256) && !is_used) removed.push_back(sha256);
  }
  std::sort(removed.begin(), removed.end());
  const auto is_kept = [&](const std::string& sha256) {
    std::optional<LockedFile> bundle = lock_to_remove(home_, sha256);
    if (!bundle) return true;
    // Out of the store by one rename: half a bundle is never there.
    const fs::path gone = home_ / "incoming" / (sha256 + unique_ending());
    rename_in_home(folder_of(sha256), gone);
    remove_from_home(gone);
    bundle->remove_if_last();
    return false;
  };
  removed.erase(std::remove_if(removed.begin(), removed.end(), is_kept), removed.end());
  return removed;
}

}  // namespace pressroom
