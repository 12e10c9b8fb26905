#include "hub/cache_room.h"

#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "hub/file_lock.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// `root`, or the nearest folder above it that exists. Throws Error where no folder can be made.
fs::path existing_part(const fs::path& root) {
  std::error_code failed;
  fs::path path = fs::absolute(root, failed);
  for (;; path = path.parent_path()) {
    const fs::file_type type = fs::status(path, failed).type();
    if (type == fs::file_type::directory) return path;
    if (type == fs::file_type::none) fail_to_write_cache(path, failed.value());
    if (type != fs::file_type::not_found) fail_to_write_cache(path, ENOTDIR);
    if (!path.has_relative_path()) fail_to_write_cache(path, ENOENT);
  }
}

}  // namespace

void check_cache_folder(const fs::path& root, bool will_write) {
  const fs::path folder = existing_part(root);
  if (will_write && ::access(folder.c_str(), W_OK | X_OK) != 0) fail_to_write_cache(folder, errno);
}

void check_room(std::int64_t needed, const fs::path& root) {
  std::error_code unknown;
  const fs::space_info room = fs::space(existing_part(root), unknown);
  const auto bytes = static_cast<std::uintmax_t>(needed);
  if (unknown || room.available >= bytes) return;
  const auto megabytes = [](std::uintmax_t count) {
    return std::to_string(count / 1000000) + " MB";
  };
  throw Error({"the disk has no room for the model", root.string(), megabytes(bytes) + " free",
               megabytes(room.available),
               "make room, or set HF_HUB_CACHE to a folder on another disk"});
}

}  // namespace pressroom
