#include "base/foreign_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>

namespace pressroom {

std::optional<Problem> kept_from_this_user(const std::filesystem::path& directory) {
  struct stat status = {};
  if (::stat(directory.c_str(), &status) != 0 || status.st_uid == ::geteuid()) return std::nullopt;
  // For the effective user, whom eaccess() asks for: access() goes by the real one.
  if (::eaccess(directory.c_str(), R_OK | W_OK | X_OK) == 0) return std::nullopt;
  if (errno != EACCES) return std::nullopt;  // a disk that is only read is nobody's will
  return Problem{"the directory belongs to somebody else", directory.string(),
                 "a directory that all who work on it may read and write to",
                 "user " + std::to_string(status.st_uid) + "'s, who keeps it to themselves",
                 "have its owner run `chmod -R g+rwX` and `chmod g+s` on the directory, work with "
                 "`umask 002`, and share a group; or choose another with --out"};
}

}  // namespace pressroom
