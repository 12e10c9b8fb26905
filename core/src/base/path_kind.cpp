#include "base/path_kind.h"

#include <sys/stat.h>

#include <cerrno>

namespace pressroom {

PathKind kind_of(mode_t mode) {
  if (S_ISREG(mode)) return PathKind::kFile;
  if (S_ISDIR(mode)) return PathKind::kFolder;
  if (S_ISFIFO(mode)) return PathKind::kPipe;
  if (S_ISSOCK(mode)) return PathKind::kSocket;
  return S_ISCHR(mode) || S_ISBLK(mode) ? PathKind::kDevice : PathKind::kUnknown;
}

PathKind kind_at(const std::filesystem::path& path, std::error_code& failed) {
  failed.clear();
  struct stat status = {};
  if (::stat(path.c_str(), &status) == 0) return kind_of(status.st_mode);
  if (errno == ENOENT || errno == ENOTDIR) return PathKind::kNothing;
  failed.assign(errno, std::generic_category());
  return PathKind::kUnknown;
}

std::string words_of(PathKind kind, std::error_code failed) {
  if (failed) return failed.message();
  switch (kind) {
    case PathKind::kFile:
      return "a regular file";
    case PathKind::kFolder:
      return "a folder";
    case PathKind::kPipe:
      return "a pipe";
    case PathKind::kSocket:
      return "a socket";
    case PathKind::kDevice:
      return "a device";
    case PathKind::kNothing:
      return "nothing of that name";
    default:
      return "something of an unknown kind";
  }
}

bool is_waited_for(PathKind kind) {
  return kind == PathKind::kPipe || kind == PathKind::kSocket || kind == PathKind::kDevice;
}

}  // namespace pressroom
