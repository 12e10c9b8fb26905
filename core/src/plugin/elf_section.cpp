#include "plugin/elf_section.h"

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {
namespace {

#if defined(__x86_64__)
constexpr Elf64_Half kThisMachine = EM_X86_64;
#elif defined(__aarch64__)
constexpr Elf64_Half kThisMachine = EM_AARCH64;
#else
#error "Pressroom plugins are 64-bit little-endian ELF files for x86-64 or AArch64"
#endif

// A section larger than this is not text that Pressroom wrote.
constexpr std::uint64_t kMaxSectionBytes = 1 << 20;

class File {
 public:
  explicit File(const std::filesystem::path& path)
      : path_(path), in_(path, std::ios::binary | std::ios::ate) {
    const std::streamoff end = in_ ? static_cast<std::streamoff>(in_.tellg()) : -1;
    if (end < 0) fail("the file cannot be read", "", "check its permissions, or remove it");
    bytes_ = static_cast<std::uint64_t>(end);
  }

  std::uint64_t bytes() const { return bytes_; }

  std::string read(std::uint64_t offset, std::uint64_t size) {
    if (offset > bytes_ || size > bytes_ - offset) {
      fail("the file is truncated", std::to_string(bytes_) + " bytes, with a table beyond its end",
           "build or copy it again");
    }
    std::string data(size, '\0');
    in_.seekg(static_cast<std::streamoff>(offset));
    if (!in_.read(data.data(), static_cast<std::streamsize>(size))) {
      fail("the file cannot be read", "", "check the disk it lies on");
    }
    return data;
  }

  template <typename Struct>
  Struct read_struct(std::uint64_t offset) {
    const std::string data = read(offset, sizeof(Struct));
    Struct value;
    std::memcpy(&value, data.data(), sizeof(Struct));
    return value;
  }

  [[noreturn]] void fail(const std::string& what, const std::string& got,
                         const std::string& fix) const {
    throw Error({what, path_.string(), "a shared object (64-bit little-endian ELF)", got, fix});
  }

 private:
  std::filesystem::path path_;
  std::ifstream in_;
  std::uint64_t bytes_ = 0;
};

Elf64_Ehdr read_header(File& file) {
  if (file.bytes() == 0) file.fail("the file is empty", "0 bytes", "build or copy it again");
  const std::string magic = file.read(0, std::min<std::uint64_t>(SELFMAG, file.bytes()));
  if (magic != std::string(ELFMAG, SELFMAG)) {
    file.fail("the file is not a shared object", "a file that is not ELF",
              "remove it from the plugin folder, or build it again");
  }
  const auto header = file.read_struct<Elf64_Ehdr>(0);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB ||
      header.e_machine != kThisMachine) {
    file.fail("the file was built for another processor",
              "ELF machine number " + std::to_string(header.e_machine) + ", where this one is " +
                  std::to_string(kThisMachine),
              "build the plugin on this kind of machine");
  }
  if (header.e_type != ET_DYN) {
    file.fail("the file is not a shared object", "ELF type " + std::to_string(header.e_type),
              "build the plugin with pressroom_add_method, _dataset or _metric");
  }
  return header;
}

}  // namespace

std::optional<std::string> read_elf_section(const std::filesystem::path& path,
                                            const std::string& name) {
  File file(path);
  const Elf64_Ehdr header = read_header(file);
  if (header.e_shnum == 0 || header.e_shentsize != sizeof(Elf64_Shdr) ||
      header.e_shstrndx >= header.e_shnum) {
    return std::nullopt;
  }
  const std::string table = file.read(header.e_shoff, header.e_shnum * sizeof(Elf64_Shdr));
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  std::memcpy(sections.data(), table.data(), table.size());

  const Elf64_Shdr& name_section = sections[header.e_shstrndx];
  if (name_section.sh_size > kMaxSectionBytes) return std::nullopt;
  const std::string names = file.read(name_section.sh_offset, name_section.sh_size);
  for (const Elf64_Shdr& section : sections) {
    // A terminating null is part of what is compared: ".pressroom" is not ".pressroom2".
    if (section.sh_name >= names.size() || section.sh_type == SHT_NOBITS ||
        names.compare(section.sh_name, name.size() + 1, name.c_str(), name.size() + 1) != 0) {
      continue;
    }
    if (section.sh_size > kMaxSectionBytes) return std::nullopt;
    return file.read(section.sh_offset, section.sh_size);
  }
  return std::nullopt;
}

}  // namespace pressroom
