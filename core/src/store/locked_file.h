// A file of a plugin home that is locked (flock) as long as the object lives. The kernel lets go of
// the lock when the process ends, however it ends.
//
//   std::optional<LockedFile> lock =
//       LockedFile::lock(home / ".lock", LockKind::kExclusive, std::chrono::seconds(60));
//   if (!lock) ...        // others held it all the time
//
// Nobody but the home's owner can open such a file, so nobody else can hold it for ever.
#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

namespace pressroom {

enum class LockKind { kShared, kExclusive };

class LockedFile {
 public:
  // Opens the file, makes it where it is missing, and locks it; waits up to `patience` for others,
  // and gives nothing where they still hold it then. Throws Error where it cannot be opened, and
  // where the file system has no locks.
  static std::optional<LockedFile> lock(const std::filesystem::path& file, LockKind kind,
                                        std::chrono::milliseconds patience);

  LockedFile(LockedFile&& other) noexcept;
  LockedFile& operator=(LockedFile&&) = delete;
  ~LockedFile();

  // Puts a note into the file that others read: who holds it. It is left out where it cannot be
  // written.
  void write_note(const std::string& text) const;

  // Removes the file where nobody else has locked it. It stays locked by this object at most.
  void remove_if_last();

 private:
  LockedFile(int descriptor, std::filesystem::path file);

  int descriptor_;
  std::filesystem::path file_;
};

}  // namespace pressroom
