// Whether a file is what its name in the hub cache says.
//
// Large files are named by the SHA-256 of their bytes (64 hex digits); all others as git names
// them, by the SHA-1 of "blob SIZE\0" and the bytes (40).
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace pressroom {

// Whether `etag` has the form of one of the two. Mirrors may name files otherwise.
bool can_be_checked(const std::string& etag);

// The hash of `file` of the kind that `etag` is, in lower-case hex digits. Throws Error when the
// file cannot be read, TransferStopped when `stop_requested` between two pieces.
std::string hash_like(const std::string& etag, const std::filesystem::path& file,
                      const std::function<bool()>& stop_requested);

// Whether `file` is what `etag` names, as far as that can be checked. Throws as hash_like.
bool is_as_named(const std::string& etag, const std::filesystem::path& file,
                 const std::function<bool()>& stop_requested);

}  // namespace pressroom
