// A whole file as read-only memory, brought in by the page.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

namespace pressroom {

class MappedFile {
 public:
  // Throws Error, calling the content `what` ("the weights"), when `file` is missing, no regular
  // file, empty or unreadable, or when something else came in its place: a Git LFS pointer, or the
  // page of a web server (base/file_kinds.h).
  MappedFile(const std::filesystem::path& file, const char* what);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::string_view bytes() const { return {data_, size_}; }

  // Says that `part`, a view into bytes(), has been used: its pages no longer count as memory of
  // this process. Reading them again brings them back.
  void release(std::string_view part) const;

 private:
  std::filesystem::path path_;
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace pressroom
