// Files that are there whole or not at all.
//
//   write_file_atomically("run/model.safetensors", bytes);
//
// The bytes go to a new file beside the target, reach the disk, and are renamed over the target,
// whose folder is brought to the disk, too: who is killed in between leaves the old file as it was,
// and what has returned survives a loss of power. A link beside the target is not followed.
//
// A campaign of thousands of small cells would wait for the disk most of the time if each cell's
// name and each line of the log had to reach it at once. Such writers say Sync::kLater and call
// sync_folder() now and then: a loss of power may take what was written since, but nothing is ever
// half there, and the end of a process - a kill, too - takes nothing.
#pragma once

#include <filesystem>
#include <string_view>

namespace pressroom {

enum class Sync { kNow, kLater };

// Creates missing parent directories. The bytes are on the disk before they get the name, whatever
// `sync` says; kLater leaves the name to the next sync_folder(). Throws Error when the file cannot
// be written.
void write_file_atomically(const std::filesystem::path& file, std::string_view bytes,
                           Sync sync = Sync::kNow);

// Adds `bytes` at the end of a log, which is created where it is missing; on failure the log is
// what it was. kLater leaves the bytes to the next call without it. Throws Error when the file
// cannot be written.
void append_to_file(const std::filesystem::path& file, std::string_view bytes,
                    Sync sync = Sync::kNow);

// Brings the names of the files in `folder` to the disk. Throws Error when that fails.
void sync_folder(const std::filesystem::path& folder);

}  // namespace pressroom
