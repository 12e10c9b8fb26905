// Reads one section of an ELF file, as bytes, without mapping or running the file.
//
//   const PluginFile file("pressroom_method_h2o.so");
//   std::optional<std::string> text = read_elf_section(file, ".pressroom");
#pragma once

#include <optional>
#include <string>

#include "plugin/plugin_file.h"

namespace pressroom {

// The bytes of section `name` of a 64-bit little-endian shared object for this machine's processor,
// or nothing when it has no such section (or none at all, stripped of its section table). Throws
// Error when `file` cannot be read, is not such an object, or ends before its own tables do. Every
// offset and size in the file is checked before use.
std::optional<std::string> read_elf_section(const PluginFile& file, const std::string& name);

}  // namespace pressroom
