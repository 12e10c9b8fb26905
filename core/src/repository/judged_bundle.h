// A bundle as the index of a repository will name it, after all that can be said against it.
//
//   JudgedBundle bundle = judged_bundle("my_press-1.2.0.press.tar.zst", index.keys, now);
//   index.bundles.push_back(bundle.entry);
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/utc_time.h"
#include "bundle/bundle_archive.h"
#include "bundle/bundle_manifest.h"
#include "repository/indexed_key.h"
#include "repository/repository_index.h"

namespace pressroom {

struct JudgedBundle {
  IndexedBundle entry;
  std::string bytes;
};

// Throws Error where the file cannot be read, is no bundle that is whole, or is not signed by one
// of `keys` that holds at `now`.
JudgedBundle judged_bundle(const std::filesystem::path& file, const std::vector<IndexedKey>& keys,
                           UtcTime now);

// What an index says of a bundle with these bytes and this manifest.
IndexedBundle indexed_bundle(std::string_view bytes, const BundleManifest& manifest);

}  // namespace pressroom
