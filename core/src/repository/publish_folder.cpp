#include "repository/publish_folder.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/strings.h"
#include "base/whole_file.h"
#include "pressroom/error.h"
#include "repository/repository_index.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail_to_publish(const fs::path& file, const std::string& expected, int code) {
  throw Error({"the repository cannot be written", file.string(), expected,
               std::generic_category().message(code),
               "check whose the folder is, and that its disk is not full"});
}

// Hidden files are those of version control and of file servers.
bool may_be_in_a_new_repository(const std::string& name) {
  return name == "bundles" || name == "signatures" || name == "README.md" ||
         begins_with(name, ".") || ends_with(name, ".partial");
}

}  // namespace

PublishFolder::PublishFolder(const fs::path& folder) : folder_(folder) {
  struct stat status = {};
  const bool is_there = ::stat(folder.c_str(), &status) == 0;
  if (!is_there || !S_ISDIR(status.st_mode)) {
    throw Error({"there is no folder to publish to", folder.string(), "a folder",
                 is_there ? "something else" : std::generic_category().message(errno),
                 "make an empty one (mkdir), or check the path; to a web address nothing is "
                 "published: give the folder that it shows"});
  }
  mode_ = status.st_mode & 07777;
}

void PublishFolder::check_empty() const {
  std::error_code failed;
  fs::directory_iterator entry(folder_, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (may_be_in_a_new_repository(name)) continue;
    throw Error({"the folder is no repository", folder_.string(),
                 "an index.json, or an empty folder, which then becomes a repository",
                 "no index, and \"" + name + '"', "publish to another folder"});
  }
  if (failed) fail_to_publish(folder_, "a folder that can be read", failed.value());
}

void PublishFolder::prepare() const {
  for (const char* name : {kBundlesFolder, kSignaturesFolder}) {
    const std::string folder = (folder_ / name).parent_path().string();  // without its "/"
    const bool is_made = ::mkdir(folder.c_str(), 0700) == 0;
    if (!is_made && errno != EEXIST) fail_to_publish(folder, "a folder with room left", errno);
    struct stat status = {};
    // A link in its place would have bundles written to where it leads.
    if (::lstat(folder.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
      fail_to_publish(folder, "a folder, and no link to one", ENOTDIR);
    }
    // Who may write to the repository may write here. A publisher may have been killed in between.
    const bool is_own = status.st_uid == ::geteuid();
    if ((is_made || is_own) && (status.st_mode & 0777) != (mode_ & 0777)) {
      ::chmod(folder.c_str(), mode_);
    }
    if (is_made) sync_folder(folder_);
  }
}

void PublishFolder::put(const std::string& path, std::string_view bytes) const {
  const fs::path file = folder_ / path;
  fs::path staged = file;
  staged += ".staged.partial";
  write_file_atomically(staged, bytes, Sync::kLater);
  // Before it has its name: nobody may find an index that cannot be read.
  const int descriptor = ::open(staged.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
  std::error_code failed;
  if (descriptor < 0) failed.assign(errno, std::generic_category());
  if (descriptor >= 0) {
    // A file system without modes refuses, and needs none.
    [[maybe_unused]] const int ignored = ::fchmod(descriptor, file_mode());
    if (::fsync(descriptor) != 0) failed.assign(errno, std::generic_category());
    ::close(descriptor);
  }
  if (!failed) fs::rename(staged, file, failed);
  if (failed) {
    std::error_code ignored;
    fs::remove(staged, ignored);
    fail_to_publish(file, "a place that can be written", failed.value());
  }
  sync_folder(file.parent_path());
}

bool PublishFolder::has(const std::string& path, std::uint64_t bytes) const {
  struct stat status = {};
  return ::lstat((folder_ / path).c_str(), &status) == 0 && S_ISREG(status.st_mode) &&
         static_cast<std::uint64_t>(status.st_size) == bytes;
}

}  // namespace pressroom
