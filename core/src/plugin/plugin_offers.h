// What folders and profiles offer, a file at a time: for PluginCatalog.
//
//   for (const fs::path& file : shared_objects(folder, refused)) add(read_manifest(file));
//   if (offers.size() > 1) refuse(duplicate(offers));
#pragma once

#include <filesystem>
#include <vector>

#include "plugin/manifest.h"
#include "plugin/plugin_catalog.h"
#include "pressroom/error.h"

namespace pressroom {

// What is called *.so in `folder`, sorted by name; none where it is missing. What is no file is
// refused by who reads it. A folder that cannot be read is added to `refused`.
std::vector<std::filesystem::path> shared_objects(const std::filesystem::path& folder,
                                                  std::vector<Problem>& refused);

// One file, or two with the same content: a plugin that was built and then installed. Throws Error
// where they cannot be read.
bool same_file(const std::filesystem::path& a, const std::filesystem::path& b);

// Of more than one file with the same name.
Problem duplicate(const std::vector<PluginRecord>& offers);

// What the profile says of a plugin, as a record: for a file that cannot say it.
PluginRecord record_of(const VouchedPlugin& plugin);

// The record of an installed file. Throws Error where it is missing, or is not the plugin that was
// installed by what its manifest says; its hash is not looked at.
PluginRecord read_vouched(const VouchedPlugin& plugin);

}  // namespace pressroom
