// Files and folders of a plugin home: made once, with their modes whatever the umask, and read
// without trusting what stands in their place.
//
//   make_home_folder(home / "store");
//   write_new_file(folder / "README.md", bytes, kReadOnly);
//   std::string why;
//   read_home_file(file, 1 << 20, why);
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace pressroom {

inline constexpr mode_t kReadOnly = 0444;
inline constexpr mode_t kReadOnlyProgram = 0555;

// Throws the Error about a path of the home that a call failed for with this errno.
[[noreturn]] void fail_to_write_home(const std::filesystem::path& path, int code);

// Absolute, without "." and "..", and without a slash at its end: of a name that ends in one, the
// system looks at what a link leads to.
std::filesystem::path plain_path(const std::filesystem::path& path);

// Makes the folder, 0755, where nothing is yet. Throws Error where it cannot; what is there already
// is for check_home_folder (plugin_home.h) to judge.
void make_home_folder(const std::filesystem::path& folder);

// Writes a file that must not be there yet. Its bytes are not on the disk before sync_files
// (base/whole_file.h). Throws Error where that fails; what was written is removed then.
void write_new_file(const std::filesystem::path& file, std::string_view bytes, mode_t mode);

// The bytes of a regular file. Nothing, and the reason in `why` and in errno, for a link, for what
// has more than `most_bytes`, for what everybody may write to, and for what cannot be read.
std::optional<std::string> read_home_file(const std::filesystem::path& file, std::size_t most_bytes,
                                          std::string& why);

// rename(), after which the names are on the disk. Throws Error.
void rename_in_home(const std::filesystem::path& from, const std::filesystem::path& to);

// Removes a file, a link or a folder with all that is in it; nothing need be there. Throws Error.
void remove_from_home(const std::filesystem::path& path);

// ".4711.1c9d02ab": what makes a name that no other process has, and this one not twice.
std::string unique_ending();

}  // namespace pressroom
