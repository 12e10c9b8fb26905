// The folder of a repository, to write to. For publish.cpp, which holds its lock.
//
//   const PublishFolder folder("/srv/presses");
//   folder.prepare();
//   folder.put("bundles/my_press-1.2.0.press.tar.zst", bytes);
//
// Files may be read by whom the folder lets in, and replaced by whom it lets write, whatever the
// umask of who publishes.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace pressroom {

class PublishFolder {
 public:
  // Throws Error where there is no such folder.
  explicit PublishFolder(const std::filesystem::path& folder);

  const std::filesystem::path& path() const { return folder_; }
  mode_t file_mode() const { return (mode_ & 0666) | 0600; }

  // Throws Error where the folder holds something else than the beginnings of a repository.
  void check_empty() const;

  // Makes bundles/ and signatures/. Throws Error where they cannot be made, or are no folders.
  void prepare() const;

  // Writes a file so that it is there whole or not at all, and on the disk.
  void put(const std::string& path, std::string_view bytes) const;

  // Whether a regular file of that size is there.
  bool has(const std::string& path, std::uint64_t bytes) const;

 private:
  std::filesystem::path folder_;
  mode_t mode_ = 0;
};

}  // namespace pressroom
