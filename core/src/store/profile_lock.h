// Held by who changes what a plugin home has installed: one process at a time.
//
//   const ProfileLock lock(home);    // waits; Error says who holds it
//
// It is a flock on home/.lock, so the kernel lets go of it when the process ends. Readers need no
// lock.
#pragma once

#include <chrono>
#include <filesystem>

#include "store/locked_file.h"

namespace pressroom {

class ProfileLock {
 public:
  // Makes the home where it is missing (make_plugin_home). Throws Error where others hold the lock
  // for longer than `patience`, and where the home cannot be trusted or written.
  explicit ProfileLock(const std::filesystem::path& home,
                       std::chrono::milliseconds patience = std::chrono::seconds(60));
  ProfileLock(const ProfileLock&) = delete;
  ProfileLock& operator=(const ProfileLock&) = delete;

  // Whether it is this home's.
  bool is_of(const std::filesystem::path& home) const;

 private:
  std::filesystem::path home_;
  LockedFile file_;
};

}  // namespace pressroom
