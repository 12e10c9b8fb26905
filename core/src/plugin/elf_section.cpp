#include "plugin/elf_section.h"

#include <elf.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

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

template <typename Struct>
Struct read_struct(const PluginFile& file, std::uint64_t offset) {
  const std::string data = file.read(offset, sizeof(Struct));
  Struct value;
  std::memcpy(&value, data.data(), sizeof(Struct));
  return value;
}

Elf64_Ehdr read_header(const PluginFile& file) {
  if (file.bytes() == 0) file.fail("the file is empty", "0 bytes", "build or copy it again");
  const std::string magic = file.read(0, std::min<std::uint64_t>(SELFMAG, file.bytes()));
  if (magic != std::string(ELFMAG, SELFMAG)) {
    file.fail("the file is not a shared object", "a file that is not ELF",
              "remove it from the plugin folder, or build it again");
  }
  const auto header = read_struct<Elf64_Ehdr>(file, 0);
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

std::optional<std::string> read_elf_section(const PluginFile& file, const std::string& name) {
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
