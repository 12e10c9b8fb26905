// A directory that one run at a time writes to, and that stays where it is meanwhile.
#pragma once

#include <filesystem>

namespace pressroom {

class DirectoryLock {
 public:
  // Creates `directory` where it is missing and locks it for this process, by its file .lock.
  // Throws Error when it cannot be written, when its file system has no locks, or when another run
  // has it.
  explicit DirectoryLock(const std::filesystem::path& directory);
  ~DirectoryLock();
  DirectoryLock(const DirectoryLock&) = delete;
  DirectoryLock& operator=(const DirectoryLock&) = delete;

  // Throws Error when the path names another directory by now, or none.
  void check_place() const;

 private:
  std::filesystem::path path_;
  int directory_ = -1;
  int lock_ = -1;
};

}  // namespace pressroom
