// A lock on a folder that several people, on several machines, write to: who holds it is alone.
//
//   const FolderLock lock({repository / ".lock", 0664, "the repository"}, stop_requested);
//   change();
//
// It is a lock of the kernel (flock) on a file that stays: it goes with the process that holds it,
// however that ends.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

namespace pressroom {

struct LockedFolder {
  std::filesystem::path file;         // made where it is missing, in a folder that is there
  mode_t mode = 0600;                 // of a new file: who is to lock it later must be able to read
  std::string name;                   // for messages: "the repository"
  std::chrono::seconds patience{60};  // how long others are waited for
};

class FolderLock {
 public:
  // Throws Error where the file cannot be opened, is a link, is still held when patience ends, or
  // lies on a file system that cannot lock files; TransferStopped (hub/http.h) when asked to stop.
  FolderLock(const LockedFolder& folder, const std::function<bool()>& stop_requested);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace pressroom
