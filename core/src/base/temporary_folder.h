// A folder for as long as it is needed.
//
//   const TemporaryFolder folder(std::filesystem::temp_directory_path(), "pressroom-build");
//   write_file_atomically(folder.path() / "notes.txt", text);
#pragma once

#include <filesystem>
#include <string>

namespace pressroom {

class TemporaryFolder {
 public:
  // Makes a folder in `parent`, named STEM-XXXXXX with letters that no other has, that only this
  // user may look into. Throws std::filesystem::filesystem_error about `parent` where it cannot.
  TemporaryFolder(const std::filesystem::path& parent, const std::string& stem);
  // Removes it with all that is in it.
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace pressroom
