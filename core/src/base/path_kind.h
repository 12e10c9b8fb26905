// What stands at a path where a file is looked for.
//
//   std::error_code failed;
//   const PathKind kind = kind_at(path, failed);
//   if (kind != PathKind::kFile) refuse(words_of(kind, failed));  // "a folder", "a pipe"
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <system_error>

namespace pressroom {

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

}  // namespace pressroom
