// What stands in a file's place: what is at its path, what its name and first bytes say of its
// content, and bytes shown in messages.
//
//   std::error_code failed;
//   const PathKind kind = kind_at(path, failed);
//   if (kind != PathKind::kFile) refuse(words_of(kind, failed));  // "a folder", "a pipe"
//   stand_in(file, bytes.substr(0, kStandInBytes));  // a Git LFS pointer? a server's error page?
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "pressroom/error.h"

namespace pressroom {

// What stands at a path where a file is looked for.
enum class PathKind { kFile, kFolder, kPipe, kSocket, kDevice, kNothing, kUnknown };

// Of what stat() says in `st_mode`.
PathKind kind_of(mode_t mode);

// Of what is at `path`, links followed and nothing opened. kUnknown, and the reason in `failed`,
// where the system does not tell.
PathKind kind_at(const std::filesystem::path& path, std::error_code& failed);

// "a regular file", "a folder", "a pipe", "a socket", "a device", "nothing of that name"; what
// `failed` says where it is set.
std::string words_of(PathKind kind, std::error_code failed = {});

// Whether reading it would wait for somebody, or never end.
bool is_waited_for(PathKind kind);

// What to do with what is_waited_for.
extern const char* const kNoPipes;

// ".gz", ".zst", ".xz" or ".bz2" at the end of `name`, or "".
std::string compression_ending(const std::string& name);

// Whether `name` ends in `ending`, or in it with a compression behind.
bool has_ending(const std::string& name, const std::string& ending);

// "*.json.gz" for "c4-train.00000-of-01024.json.gz"; the name itself where there is no dot.
std::string name_pattern(const std::string& name);

// What to say of a file in a format no reader can use, known by its name; nothing for others.
std::vector<Problem> foreign_format(const std::string& path);

// What refuse_stand_in (pressroom/stand_in.h) says of a file that begins with `start`: its first
// kStandInBytes, or all of a shorter one. Nothing for files that pass.
constexpr std::size_t kStandInBytes = 512;
std::vector<Problem> stand_in(const std::string& path, std::string_view start);

// The name that iconv has for the encoding of `bytes` where they are a text in UTF-16 or UTF-32, as
// far as can be told without its mark: "UTF-16LE", "UTF-32BE", with a mark "UTF-16". "" for others.
// ASCII in UTF-16 is well-formed UTF-8, with a NUL at every other byte; what tells is that more
// than one byte in 20 is a control character that no text has.
std::string wide_encoding(std::string_view bytes);

// The first bytes of `bytes`, quoted, with what cannot be printed as \xHH.
std::string quoted_start(std::string_view bytes);

}  // namespace pressroom
