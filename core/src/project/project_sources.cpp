#include "project/project_sources.h"

#include <sys/stat.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <system_error>
#include <utility>

#include "base/file_kinds.h"
#include "base/strings.h"
#include "base/whole_file.h"
#include "bundle/member_path.h"
#include "project/git_facts.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

using SourceNames = std::map<std::string, GitFile>;  // by path within the project

bool is_build_folder(const fs::path& folder) {
  const std::string name = folder.filename().string();
  std::error_code ignored;
  return name == "build" || begins_with(name, "build-") || begins_with(name, "cmake-build-") ||
         fs::exists(folder / "CMakeCache.txt", ignored);
}

bool is_hidden(const std::string& name) {
  return begins_with(name, ".") && name != ".clang-format" && name != ".gitignore";
}

// Without git: everything that is no build's.
void find_sources(const fs::path& folder, const fs::path& within, SourceNames& found) {
  std::error_code failed;
  fs::directory_iterator entry(folder / within, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    const std::string name = entry->path().filename().string();
    if (is_hidden(name)) continue;
    struct stat status = {};
    if (::lstat(entry->path().c_str(), &status) != 0) {
      failed = std::error_code(errno, std::generic_category());
      break;
    }
    if (S_ISDIR(status.st_mode)) {
      if (!is_build_folder(entry->path())) find_sources(folder, within / name, found);
      continue;
    }
    if (ends_with(name, ".so") || name == "compile_commands.json") continue;
    GitFile file;
    file.executable = (status.st_mode & S_IXUSR) != 0;
    found.emplace((within / name).string(), file);
  }
  if (!failed) return;
  throw Error({"a folder of the project cannot be read", (folder / within).string(),
               "a folder that may be read", failed.message(), "check its permissions"});
}

class SourceReader {
 public:
  SourceReader(const fs::path& folder, std::vector<Problem>& mistakes)
      : folder_(folder), mistakes_(mistakes) {}

  // The member that is made of `name`; nothing after a mistake.
  std::optional<BundleMember> read(const std::string& name, const GitFile& file) {
    try {
      check_member_path(kSourceFolder + name, (folder_ / name).string());
    } catch (const Error& error) {
      mistakes_.insert(mistakes_.end(), error.problems().begin(), error.problems().end());
      return std::nullopt;
    }
    if (file.is_submodule) return refuse(name, "a submodule of git");
    if (file.is_link || leads_over_link(name)) return refuse(name, "a link");
    std::error_code failed;
    const PathKind kind = kind_at(folder_ / name, failed);
    if (kind != PathKind::kFile) return refuse(name, words_of(kind, failed));
    if (!has_room(name)) return std::nullopt;
    std::string why;
    std::optional<std::string> bytes = read_regular_file(folder_ / name, why);
    if (!bytes) return refuse(name, why);
    return BundleMember{std::move(*bytes), file.executable};
  }

 private:
  std::nullopt_t refuse(const std::string& name, const std::string& got) {
    mistakes_.push_back({"a file of the project cannot be in a bundle", (folder_ / name).string(),
                         "a regular file that may be read", got,
                         "put a file in its place, or leave it out of the project"});
    return std::nullopt;
  }

  // Whether it, or a folder that it is in, is a link: that leads out of the project, or to what
  // is in the bundle already.
  bool leads_over_link(const std::string& name) const {
    std::error_code ignored;
    fs::path place = folder_;
    for (const fs::path& part : fs::path(name)) {
      place /= part;
      if (fs::is_symlink(fs::symlink_status(place, ignored))) return true;
    }
    return false;
  }

  // Before it is read: by mistake a project may hold a whole corpus.
  bool has_room(const std::string& name) {
    const BundleLimits limits;
    std::error_code unreadable;
    const std::uint64_t bytes = fs::file_size(folder_ / name, unreadable);
    if (unreadable) return true;  // reading it says why
    const bool fits = bytes <= limits.member_bytes && bytes <= limits.unpacked_bytes - taken_;
    if (fits) {
      taken_ += bytes;
      return true;
    }
    mistakes_.push_back(
        {"the project is too large for a bundle", (folder_ / name).string(),
         "at most " + std::to_string(limits.member_bytes) + " bytes a file, and " +
             std::to_string(limits.unpacked_bytes) + " in all",
         std::to_string(bytes) + " bytes, after " + std::to_string(taken_),
         "leave out what the plugin is not built from, and have its README say where it lies"});
    return false;
  }

  fs::path folder_;
  std::vector<Problem>& mistakes_;
  std::uint64_t taken_ = 0;
};

// What git says goes to `sources`.
SourceNames names_by_git(const GitFacts& git, const fs::path& folder, ProjectSources& sources) {
  SourceNames names = git.files;
  for (const std::string& other : git.others) {
    struct stat status = {};
    GitFile file;
    if (::lstat((folder / other).c_str(), &status) == 0) {
      file.executable = (status.st_mode & S_IXUSR) != 0;
    }
    names.emplace(other, file);
  }
  // Of a tree that is not clean: a file that was removed belongs to it no more.
  for (auto name = names.begin(); name != names.end();) {
    std::error_code ignored;
    const fs::file_status status = fs::symlink_status(folder / name->first, ignored);
    name = status.type() == fs::file_type::not_found ? names.erase(name) : std::next(name);
  }
  sources.changes = git.changes;
  if (!git.commit.empty()) sources.source = BundleSource{git.commit, !git.changes.empty()};
  if (git.commit.empty() && sources.changes.empty()) sources.changes = {"nothing is committed"};
  return names;
}

}  // namespace

ProjectSources read_sources(const fs::path& folder, std::vector<Problem>& mistakes) {
  ProjectSources sources;
  SourceNames names;
  if (const std::optional<GitFacts> git = git_facts(folder)) {
    names = names_by_git(*git, folder, sources);
  } else {
    find_sources(folder, "", names);
  }
  const BundleLimits limits;
  if (names.size() > limits.members) {
    mistakes.push_back({"the project has too many files for a bundle", folder.string(),
                        "at most " + std::to_string(limits.members), std::to_string(names.size()),
                        "leave out what the plugin is not built from"});
    return sources;
  }
  SourceReader reader(folder, mistakes);
  for (const auto& [name, file] : names) {
    std::optional<BundleMember> member = reader.read(name, file);
    if (member) sources.members.emplace(kSourceFolder + name, std::move(*member));
  }
  return sources;
}

}  // namespace pressroom
