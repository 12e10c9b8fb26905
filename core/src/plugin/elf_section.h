// Reads one section of an ELF file, as bytes, without mapping or running the file.
//
//   std::optional<std::string> text = read_elf_section("pressroom_method_h2o.so", ".pressroom");
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace pressroom {

// The bytes of section `name` of a 64-bit little-endian shared object for this machine's processor,
// or nothing when it has no such section (or none at all, stripped of its section table). Throws
// Error when `file` cannot be read, is not such an object, or ends before its own tables do. Every
// offset and size in the file is checked before use.
std::optional<std::string> read_elf_section(const std::filesystem::path& file,
                                            const std::string& name);

}  // namespace pressroom
