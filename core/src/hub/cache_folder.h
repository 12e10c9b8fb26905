// The hub cache as a download writes to it: made where it is missing, with room, and locked, one
// process at a time.
//
//   check_cache_folder(root, /*will_write=*/true);    // before anything is asked of the hub
//   FileLock lock(root / ".locks/models--gpt2" / (etag + ".lock"), stop_requested, on_wait);
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

namespace pressroom {

// The Python library takes the same locks (flock on the same files), so that it and Pressroom do
// not write one blob together.
class FileLock {
 public:
  // Waits until no other holds the lock on `file`, which is created where missing, with its
  // folders, and stays. Calls `on_wait` once if it has to wait. Throws TransferStopped when
  // `stop_requested` meanwhile, Error when the file cannot be made.
  FileLock(const std::filesystem::path& file, const std::function<bool()>& stop_requested,
           const std::function<void()>& on_wait);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int descriptor_ = -1;
};

// Creates `folder` and its parents. Throws Error, advising HF_HUB_CACHE, when that fails.
void make_cache_folder(const std::filesystem::path& folder);

// Throws that Error for `path` with the reason of the system's error `code`.
[[noreturn]] void fail_to_write_cache(const std::filesystem::path& path, int code);

// Throws Error where the cache folder `root` cannot be made, or, when something will be written,
// cannot be written to.
void check_cache_folder(const std::filesystem::path& root, bool will_write);

// Throws Error when the disk of `root` has no room for `needed` more bytes.
void check_room(std::int64_t needed, const std::filesystem::path& root);

}  // namespace pressroom
