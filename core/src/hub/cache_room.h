// Whether a download has a place to go, found out before anything is asked of the hub.
#pragma once

#include <cstdint>
#include <filesystem>

namespace pressroom {

// Throws Error where the cache folder `root` cannot be made, or, when something will be written,
// cannot be written to.
void check_cache_folder(const std::filesystem::path& root, bool will_write);

// Throws Error when the disk of `root` has no room for `needed` more bytes.
void check_room(std::int64_t needed, const std::filesystem::path& root);

}  // namespace pressroom
