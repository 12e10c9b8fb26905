#include "plugin/plugin_file.h"

#include <elf.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

#include "base/file_kinds.h"
#include "base/sha256.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

constexpr std::uint64_t kPieceBytes = 1 << 16;

std::string reason(int code) { return std::generic_category().message(code); }

bool same(const timespec& a, const timespec& b) {
  return a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec;
}

}  // namespace

PluginFile::PluginFile(std::filesystem::path path) : path_(std::move(path)) {
  const auto refuse_if_special = [this] {
    const PathKind kind = kind_of(opened_.st_mode);
    if (kind == PathKind::kFile) return;
    // Plugins' messages call a pipe what the manual of plugins does.
    fail("the file is no regular file", kind == PathKind::kPipe ? "a FIFO" : words_of(kind),
         "remove it from the plugin folder, or give it another ending");
  };
  // Looked at first: to open a device is to use it.
  if (::stat(path_.c_str(), &opened_) == 0) refuse_if_special();
  // Without waiting, in case it has become a FIFO since.
  descriptor_ = ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  const bool opened = descriptor_ >= 0 && ::fstat(descriptor_, &opened_) == 0;
  const int code = errno;
  if (opened && S_ISREG(opened_.st_mode)) return;
  if (descriptor_ >= 0) ::close(descriptor_);
  if (opened) refuse_if_special();
  fail("the file cannot be read", reason(code), "check its permissions, or remove it");
}

PluginFile::~PluginFile() { ::close(descriptor_); }

std::string PluginFile::read(std::uint64_t offset, std::uint64_t size) const {
  if (offset > bytes() || size > bytes() - offset) {
    fail("the file is truncated", std::to_string(bytes()) + " bytes, with a table beyond its end",
         "build or copy it again");
  }
  std::string data(size, '\0');
  std::uint64_t done = 0;
  while (done < size) {
    const ssize_t n =
        ::pread(descriptor_, &data[done], size - done, static_cast<off_t>(offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("the file cannot be read", reason(errno), "check the disk it lies on");
    if (n == 0) fail("the file became shorter", "an end", "build or copy it again");
    done += static_cast<std::uint64_t>(n);
  }
  return data;
}

std::string PluginFile::sha256() const {
  Sha256 hash;
  struct stat now = {};
  if (::fstat(descriptor_, &now) != 0) {
    fail("the file cannot be read", reason(errno), "check the disk it lies on");
  }
  // What the file has now, be it more or less than when it was opened.
  const auto size = static_cast<std::uint64_t>(now.st_size);
  std::string piece(kPieceBytes, '\0');
  for (std::uint64_t at = 0; at < size;) {
    const ssize_t n = ::pread(descriptor_, piece.data(), std::min(kPieceBytes, size - at),
                              static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("the file cannot be read", reason(errno), "check the disk it lies on");
    // Cut while it was read: the hash is then another one, which is what callers look for.
    if (n == 0) break;
    hash.update({piece.data(), static_cast<std::size_t>(n)});
    at += static_cast<std::uint64_t>(n);
  }
  return hash.hex();
}

bool PluginFile::unchanged() const {
  struct stat now = {};
  // The time of change tells of writing into the file and of moving it away and back.
  return ::stat(path_.c_str(), &now) == 0 && now.st_dev == opened_.st_dev &&
         now.st_ino == opened_.st_ino && now.st_size == opened_.st_size &&
         same(now.st_mtim, opened_.st_mtim) && same(now.st_ctim, opened_.st_ctim);
}

void PluginFile::fail(const std::string& what, const std::string& got,
                      const std::string& fix) const {
  throw Error({what, path_.string(), "a shared object (64-bit little-endian ELF)", got, fix});
}

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
    // A section of type NOBITS has no bytes in the file, whatever its size says.
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
