#include "hub/cache_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "hub/http.h"
#include "pressroom/error.h"

namespace pressroom {

namespace fs = std::filesystem;

void fail_to_write_cache(const fs::path& path, int code) {
  throw Error({"the hub cache cannot be written", path.string(), "a writable place with room left",
               std::generic_category().message(code),
               "check the folder and the disk, or set HF_HUB_CACHE or HF_HOME to another folder"});
}

void make_cache_folder(const fs::path& folder) {
  std::error_code failed;
  fs::create_directories(folder, failed);
  if (failed) fail_to_write_cache(folder, failed.value());
}

FileLock::FileLock(const fs::path& file, const std::function<bool()>& stop_requested,
                   const std::function<void()>& on_wait) {
  make_cache_folder(file.parent_path());
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (descriptor_ < 0) fail_to_write_cache(file, errno);
  bool told = false;
  // Asked again and again: a flock that waits does not hear a request to stop.
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    // Before stop_requested, which may change it.
    const int code = errno;
    const bool stopped = stop_requested();
    if (stopped || (code != EWOULDBLOCK && code != EINTR)) {
      ::close(descriptor_);
      if (stopped) throw TransferStopped();
      throw Error({"the hub cache cannot be locked", file.string(),
                   "a file system that can lock files (flock)",
                   std::generic_category().message(code),
                   "set HF_HUB_CACHE or HF_HOME to a folder on a local disk"});
    }
    if (!told) on_wait();
    told = true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

FileLock::~FileLock() { ::close(descriptor_); }

namespace {

// `root`, or the nearest folder above it that exists. Throws Error where no folder can be made.
fs::path existing_part(const fs::path& root) {
  std::error_code failed;
  fs::path path = fs::absolute(root, failed);
  for (;; path = path.parent_path()) {
    const fs::file_type type = fs::status(path, failed).type();
    if (type == fs::file_type::directory) return path;
    if (type == fs::file_type::none) fail_to_write_cache(path, failed.value());
    if (type != fs::file_type::not_found) fail_to_write_cache(path, ENOTDIR);
    // The root is its own parent: the loop would not end.
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
