// A new folder of a bundle put in the place of the store where it belongs, at once.
//
//   unpack_bundle(members, fresh);
//   take_over_built(folder, fresh);
//   place_folder(fresh, folder, unpacked_files(members));
#pragma once

#include <filesystem>

#include "store/unpacked_bundle.h"

namespace pressroom {

// Whether `folder` is one, and has these files and nothing else. False where nothing is there.
bool is_right_folder(const std::filesystem::path& folder, const UnpackedFiles& files);

// Gives `fresh` the plugins in built/ of `folder`, which stay there. Nothing where there are none.
// Throws Error.
void take_over_built(const std::filesystem::path& folder, const std::filesystem::path& fresh);

// Renames `fresh` to `folder`, in place of what is there unless that is right: then `fresh` is
// removed. What is replaced is removed, too. Where the file system can exchange two names, one of
// the two is there at any time. Throws Error.
void place_folder(const std::filesystem::path& fresh, const std::filesystem::path& folder,
                  const UnpackedFiles& files);

}  // namespace pressroom
