// The plugin of a bundle that has nothing built for this harness, made from the bundle's source.
//
//   const SourceBuild built(store.folder_of(sha256), manifest, home, stop_requested);
//   store.add_built(sha256, variant_name(), manifest.name, built.file());
#pragma once

#include <filesystem>
#include <functional>

#include "base/temporary_folder.h"
#include "bundle/bundle_manifest.h"

namespace pressroom {

class SourceBuild {
 public:
  // Builds the source of the unpacked bundle in `folder`, HOME/store/<sha256>, in a folder in
  // HOME/incoming that goes with the object; what a killed process leaves of it, the store sweeps.
  // Throws Error where it does not build - what the tools said is in HOME/logs, in the file
  // that the message names - or where something else comes of it than the plugin of the manifest,
  // for this harness; Interrupted where `stop_requested` says so when a tool has ended.
  SourceBuild(const std::filesystem::path& folder, const BundleManifest& manifest,
              const std::filesystem::path& home, const std::function<bool()>& stop_requested);

  const std::filesystem::path& file() const { return file_; }

 private:
  TemporaryFolder scratch_;
  std::filesystem::path file_;
};

}  // namespace pressroom
