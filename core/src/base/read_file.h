// The bytes of a file that somebody else may have put there.
//
//   std::string why;
//   const std::optional<std::string> text = read_regular_file(file, why);
//   if (!text) refuse(why);   // "no such file", "a folder", "a pipe", "Permission denied"
//
// A pipe or a device in a file's place is never opened for long enough to wait for it.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace pressroom {

// Nothing, and the reason in `why`, for what is no regular file or cannot be read.
std::optional<std::string> read_regular_file(const std::filesystem::path& file, std::string& why);

// The same where the reason does not matter: "" for what cannot be read.
std::string text_of_file(const std::filesystem::path& file);

}  // namespace pressroom
