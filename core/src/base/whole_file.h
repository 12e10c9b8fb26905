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
#include <vector>

namespace pressroom {

// When what is written reaches the disk. The bytes of a file go to a new file beside the target,
// which is then renamed over the target: who is killed in between leaves the old file as it was. A
// link beside the target is not followed. With Sync::kNow bytes and name are on the disk, too, when
// the call returns, so that they survive a loss of power.
//
// A campaign of thousands of small cells would wait for the disk most of the time if each of its
// files had to reach it at once. Such writers say Sync::kLater and call sync_files() now and then.
// The end of a process - a kill, too - takes nothing; a loss of power takes what was written since,
// and may leave a file of that time empty, or with zero bytes at its end (is_torn()).
enum class Sync { kNow, kLater };

// Creates missing parent directories. Throws Error when the file cannot be written.
void write_file_atomically(const std::filesystem::path& file, std::string_view bytes,
                           Sync sync = Sync::kNow);

// Adds `bytes` at the end of a log, which is created where it is missing; on failure the log is
// what it was. kLater leaves the bytes to the next call without it. Throws Error when the file
// cannot be written.
void append_to_file(const std::filesystem::path& file, std::string_view bytes,
                    Sync sync = Sync::kNow);

// Brings `files` and their names to the disk; those that are no longer there are passed over.
// Throws Error when that fails: what was written to one of them may be lost.
void sync_files(const std::vector<std::filesystem::path>& files);

// Brings the names in `folder` to the disk. Throws Error when that fails.
void sync_folder(const std::filesystem::path& folder);

// Whether `text`, read from a file that was written by Sync::kLater, is what a loss of power left
// of it: nothing, or text that ends in zero bytes.
bool is_torn(std::string_view text);

// The bytes of a file that somebody else may have put there: a pipe or a device in its place is
// never opened for long enough to wait for it. Nothing, and the reason in `why`, for what is no
// regular file or cannot be read.
std::optional<std::string> read_regular_file(const std::filesystem::path& file, std::string& why);

// The same where the reason does not matter: "" for what cannot be read.
std::string text_of_file(const std::filesystem::path& file);

}  // namespace pressroom
