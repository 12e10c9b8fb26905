// A bundle that is being unpacked, or is unpacked and not yet named by a profile, is held: nobody
// removes it from the store, or what there is of it in incoming/, meanwhile.
//
//   const BundleHold hold(home, bundle_sha256);   // here, until it is destroyed
//   sweep_incoming(home);                         // what others left there and hold no more
//
// A hold is a shared lock of incoming/<sha256>.hold; who removes a bundle locks it exclusively, and
// for that alone. Everything in incoming/ that begins with the hash goes with the hold.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "store/locked_file.h"

namespace pressroom {

class BundleHold {
 public:
  // Waits for who is removing it. Throws Error where the home cannot be written.
  BundleHold(const std::filesystem::path& home, const std::string& bundle_sha256);
  BundleHold(BundleHold&& other) noexcept;
  BundleHold& operator=(BundleHold&&) = delete;
  ~BundleHold();

 private:
  LockedFile file_;
  long process_;  // 0: moved away
};

// The bundle, locked for who removes it; nothing where somebody holds it. The caller ends it by
// remove_if_last.
std::optional<LockedFile> lock_to_remove(const std::filesystem::path& home,
                                         const std::string& bundle_sha256);

// Removes from incoming/ what ended processes left of bundles. Throws Error.
void sweep_incoming(const std::filesystem::path& home);

}  // namespace pressroom
