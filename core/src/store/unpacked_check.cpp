#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <system_error>

#include "base/file_kinds.h"
#include "base/sha256.h"
#include "base/strings.h"
#include "store/unpacked_bundle.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostProblems = 100;

std::string words_of_entry(const struct stat& status) {
  return S_ISLNK(status.st_mode) ? "a link" : words_of(kind_of(status.st_mode));
}

// The names in a folder, in order.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code failed;
  fs::directory_iterator entry(folder, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    names.push_back(entry->path().filename().string());
  }
  if (failed) {
    throw Error({"a folder of the store cannot be read", folder.string(),
                 "a folder that this user may read", failed.message(), "check its permissions"});
  }
  std::sort(names.begin(), names.end());
  return names;
}

class UnpackedCheck {
 public:
  UnpackedCheck(const fs::path& folder, const UnpackedFiles& files)
      : folder_(folder), files_(files) {}

  std::vector<Problem> run() {
    for (const std::string& name : names_in(folder_)) {
      if (name == kBuiltFolder) {
        look_at_built(name);
      } else {
        look_at(name);
      }
    }
    for (const auto& [path, file] : files_) {
      if (seen_.count(path) == 0) {
        note("a file of the bundle is missing", path, "the file", "nothing");
      }
    }
    return std::move(problems_);
  }

 private:
  void note(const std::string& what, const std::string& path, const std::string& expected,
            const std::string& got) {
    if (problems_.size() == kMostProblems) return;
    problems_.push_back({what, (folder_ / path).string(), expected, got, kInstallAgain});
  }

  void look_at(const std::string& path) {
    if (problems_.size() == kMostProblems) return;
    struct stat status = {};
    if (::lstat((folder_ / path).c_str(), &status) != 0) {
      note("a file of the bundle cannot be looked at", path, "a file that this user may read",
           std::generic_category().message(errno));
      return;
    }
    const auto file = files_.find(path);
    if (file != files_.end()) {
      seen_.insert(path);
      hold_to(file->second, path, status);
    } else if (S_ISDIR(status.st_mode) && has_files(path + "/")) {
      hold_to_owner(path, status);
      for (const std::string& name : names_in(folder_ / path)) look_at(path + "/" + name);
    } else {
      note("something is no part of the bundle", path, "the files of its manifest, no others",
           words_of_entry(status));
    }
  }

  // Whether any file of the bundle lies below.
  bool has_files(const std::string& start) const {
    const auto next = files_.lower_bound(start);
    return next != files_.end() && begins_with(next->first, start);
  }

  void hold_to_owner(const std::string& path, const struct stat& status) {
    if ((status.st_mode & S_IWOTH) == 0) return;
    note("anyone may change a part of the bundle", path, "what only its owner may write to",
         "a mode that lets everyone on this machine write");
  }

  void hold_to(const BundleFile& file, const std::string& path, const struct stat& status) {
    if (!S_ISREG(status.st_mode)) {
      note("a file of the bundle is none", path, "a regular file", words_of_entry(status));
      return;
    }
    hold_to_owner(path, status);
    const bool executable = (status.st_mode & S_IXUSR) != 0;
    if (executable != file.executable) {
      note("a file of the bundle has another mode", path,
           file.executable ? "one to be executed" : "one not to be executed", "the other");
    }
    if (file.bytes != kAnySize && file.bytes != status.st_size) {
      note("a file of the bundle has another size", path, std::to_string(file.bytes) + " bytes",
           std::to_string(status.st_size) + " bytes");
      return;
    }
    const std::string sha256 = sha256_file(folder_ / path);
    if (sha256 != file.sha256) {
      note("a file of the bundle was changed", path, "SHA-256 " + file.sha256, sha256);
    }
  }

  // built/VARIANT/NAME.so: what was built is known by the hash that the profile has of it.
  void look_at_built(const std::string& path, int depth = 0) {
    struct stat status = {};
    if (::lstat((folder_ / path).c_str(), &status) != 0) return;
    constexpr int kFileDepth = 2;
    if (depth == kFileDepth ? !S_ISREG(status.st_mode) : !S_ISDIR(status.st_mode)) {
      note("something is no plugin that was built from the bundle", path,
           "plugins as built/VARIANT/NAME.so, no others", words_of_entry(status));
      return;
    }
    hold_to_owner(path, status);
    if (depth == kFileDepth) return;
    for (const std::string& name : names_in(folder_ / path)) {
      look_at_built(path + "/" + name, depth + 1);
    }
  }

  const fs::path& folder_;
  const UnpackedFiles& files_;
  std::set<std::string> seen_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> unpacked_problems(const fs::path& folder, const UnpackedFiles& files) {
  return UnpackedCheck(folder, files).run();
}

}  // namespace pressroom
