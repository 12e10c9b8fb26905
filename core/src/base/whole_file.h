// A file's bytes as a whole: written so that they are all there or not at all, and read without
// waiting for what only stands in the file's place.
//
//   write_file_atomically("run/model.safetensors", bytes);
//
//   std::string why;
//   const std::optional<std::string> text = read_regular_file(file, why);
//   if (!text) refuse(why);   // "no such file", "a folder", "a pipe", "Permission denied"
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pressroom {

// When what is written reaches the disk. The bytes of a file go to a new file beside the target,
// reach the disk, and are renamed over the target, whose folder is brought to the disk, too: who is
// killed in between leaves the old file as it was, and what has returned survives a loss of power.
// A link beside the target is not followed.
//
// A campaign of thousands of small cells would wait for the disk most of the time if each cell's
// name and each line of the log had to reach it at once. Such writers say Sync::kLater and call
// sync_folder() now and then: a loss of power may take what was written since, but nothing is ever
// half there, and the end of a process - a kill, too - takes nothing.
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

// The bytes of a file that somebody else may have put there: a pipe or a device in its place is
// never opened for long enough to wait for it. Nothing, and the reason in `why`, for what is no
// regular file or cannot be read.
std::optional<std::string> read_regular_file(const std::filesystem::path& file, std::string& why);

// The same where the reason does not matter: "" for what cannot be read.
std::string text_of_file(const std::filesystem::path& file);

}  // namespace pressroom
