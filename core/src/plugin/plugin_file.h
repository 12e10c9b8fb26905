// A plugin's file, opened once: what is read, hashed and loaded can then be held to be one and the
// same, whatever happens to the file's name meanwhile.
//
//   const PluginFile file("plugins/pressroom_method_h2o.so");
//   const std::string hash = file.sha256();
//   ...                                       // load it by its path
//   if (!file.unchanged()) ...                // another file was loaded, or may have been
//   std::optional<std::string> text = read_elf_section(file, ".pressroom");
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace pressroom {

class PluginFile {
 public:
  // Opens `path`, which may be a link. Throws Error when it is no regular file - a FIFO would be
  // waited for, and opening a device may do anything - or cannot be read.
  explicit PluginFile(std::filesystem::path path);
  ~PluginFile();
  PluginFile(const PluginFile&) = delete;
  PluginFile& operator=(const PluginFile&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::uint64_t bytes() const { return static_cast<std::uint64_t>(opened_.st_size); }

  // `size` bytes from `offset` on. Throws Error when the file has fewer, or cannot be read.
  std::string read(std::uint64_t offset, std::uint64_t size) const;
  // Of the whole content as it is now, lower-case hex.
  std::string sha256() const;
  // Whether the path still names the file that was opened, and nobody has touched that.
  bool unchanged() const;

  // Throws Error about this file, which should have been a shared object.
  [[noreturn]] void fail(const std::string& what, const std::string& got,
                         const std::string& fix) const;

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  struct stat opened_ = {};  // as it was when it was opened
};

// Reads one section of an ELF file, as bytes, without mapping or running the file: the bytes of
// section `name` of a 64-bit little-endian shared object for this machine's processor, or nothing
// when it has no such section (or none at all, stripped of its section table). Throws Error when
// `file` cannot be read, is not such an object, or ends before its own tables do. Every offset and
// size in the file is checked before use.
std::optional<std::string> read_elf_section(const PluginFile& file, const std::string& name);

}  // namespace pressroom
