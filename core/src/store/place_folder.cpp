#include "store/place_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "base/whole_file.h"
#include "store/home_files.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

bool is_folder(const fs::path& path) {
  struct stat status = {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool is_file(const fs::path& path) {
  struct stat status = {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
}

// The entries of a folder; none where it is no folder.
std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> entries;
  if (!is_folder(folder)) return entries;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder)) {
    entries.push_back(entry.path());
  }
  return entries;
}

void give_second_name(const fs::path& file, const fs::path& target) {
  if (::link(file.c_str(), target.c_str()) == 0) return;
  // A file system on which a file has one name: a copy.
  std::string why;
  const auto bytes = read_home_file(file, BundleLimits().member_bytes, why);
  if (!bytes) fail_to_write_home(file, errno);
  write_new_file(target, *bytes, kReadOnlyProgram);
  sync_files({target});
}

void exchange(const fs::path& fresh, const fs::path& folder) {
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, folder.c_str(), RENAME_EXCHANGE) == 0) return;
  if (errno != EINVAL && errno != ENOSYS) fail_to_write_home(folder, errno);
  // A file system that cannot exchange names (NFS): for a moment there is neither.
  const fs::path old = fresh.string() + "-old";
  if (::rename(folder.c_str(), old.c_str()) != 0) fail_to_write_home(folder, errno);
  if (::rename(fresh.c_str(), folder.c_str()) != 0) {
    const int code = errno;
    ::rename(old.c_str(), folder.c_str());
    fail_to_write_home(folder, code);
  }
  if (::rename(old.c_str(), fresh.c_str()) != 0) fail_to_write_home(fresh, errno);
}

}  // namespace

bool is_right_folder(const fs::path& folder, const UnpackedFiles& files) {
  return is_folder(folder) && unpacked_problems(folder, files).empty();
}

void take_over_built(const fs::path& folder, const fs::path& fresh) {
  const fs::path built = fresh / kBuiltFolder;
  for (const fs::path& variant : entries_of(folder / kBuiltFolder)) {
    for (const fs::path& plugin : entries_of(variant)) {
      if (!is_file(plugin)) continue;
      const fs::path target = built / variant.filename() / plugin.filename();
      make_home_folder(built);
      make_home_folder(target.parent_path());
      give_second_name(plugin, target);
      sync_folder(target.parent_path());
      sync_folder(built);
    }
  }
  sync_folder(fresh);
}

void place_folder(const fs::path& fresh, const fs::path& folder, const UnpackedFiles& files) {
  if (::rename(fresh.c_str(), folder.c_str()) != 0) {
    if (errno != EEXIST && errno != ENOTEMPTY && errno != ENOTDIR) {
      fail_to_write_home(folder, errno);
    }
    // Another process may have unpacked the same bundle meanwhile.
    if (!is_right_folder(folder, files)) exchange(fresh, folder);
  }
  sync_folder(folder.parent_path());
  remove_from_home(fresh);
}

}  // namespace pressroom
