// Files that are there whole or not at all.
//
//   write_file_atomically("run/model.safetensors", bytes);
//
// The bytes go to a new file beside the target, reach the disk, and are renamed over the target,
// whose folder is brought to the disk, too: who is killed in between leaves the old file as it was,
// and what has returned survives a loss of power. A link beside the target is not followed.
#pragma once

#include <filesystem>
#include <string_view>

namespace pressroom {

// Creates missing parent directories. Throws Error when the file cannot be written.
void write_file_atomically(const std::filesystem::path& file, std::string_view bytes);

// Adds `bytes` at the end of a log, which is created where it is missing; on failure the log is
// what it was. Throws Error when the file cannot be written.
void append_to_file(const std::filesystem::path& file, std::string_view bytes);

}  // namespace pressroom
