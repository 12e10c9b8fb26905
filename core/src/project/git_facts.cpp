#include "project/git_facts.h"

#include <utility>

#include "base/captured_command.h"
#include "pressroom/error.h"

namespace pressroom {
namespace {

namespace fs = std::filesystem;

// git, about the folder and nothing else: variables as a hook of another repository has them would
// lead elsewhere, and messages would come in any language.
CapturedCommand ask_git(const fs::path& folder, const std::vector<std::string>& words) {
  std::vector<std::string> command = {"env",
                                      "-u",
                                      "GIT_DIR",
                                      "-u",
                                      "GIT_WORK_TREE",
                                      "-u",
                                      "GIT_INDEX_FILE",
                                      "-u",
                                      "GIT_PREFIX",
                                      "GIT_OPTIONAL_LOCKS=0",
                                      "LC_ALL=C",
                                      "git",
                                      "-C",
                                      folder.string(),
                                      "-c",
                                      "core.fsmonitor=false"};
  command.insert(command.end(), words.begin(), words.end());
  return run_captured(command);
}

[[noreturn]] void refuse_git(const fs::path& folder, const std::string& said) {
  throw Error(
      {"git does not say which files belong to the project", folder.string(),
       "a working tree that git can read", said,
       "make it one that `git status` there can read, or pack a copy that is not under git"});
}

std::string answer_of_git(const fs::path& folder, const std::vector<std::string>& words) {
  CapturedCommand command = ask_git(folder, words);
  if (command.exit_code != 0) refuse_git(folder, command.said());
  return std::move(command.output);
}

// What -z separates.
std::vector<std::string> entries_of(const std::string& output) {
  std::vector<std::string> entries;
  for (std::size_t begin = 0; begin < output.size();) {
    const std::size_t end = std::min(output.find('\0', begin), output.size());
    entries.push_back(output.substr(begin, end - begin));
    begin = end + 1;
  }
  return entries;
}

// "100755 8e2e244c... 0\tci.sh" of ls-files --stage.
std::pair<std::string, GitFile> tracked_file(const std::string& entry) {
  const std::string mode = entry.substr(0, entry.find(' '));
  GitFile file;
  file.executable = mode == "100755";
  file.is_link = mode == "120000";
  file.is_submodule = mode == "160000";
  return {entry.substr(entry.find('\t') + 1), file};
}

bool is_in_git(const fs::path& folder) {
  std::error_code ignored;
  for (fs::path place = fs::weakly_canonical(folder, ignored); !place.empty();
       place = place.parent_path()) {
    if (fs::exists(place / ".git", ignored)) return true;
    if (place == place.parent_path()) break;
  }
  return false;
}

}  // namespace

std::optional<GitFacts> git_facts(const fs::path& folder) {
  if (!is_in_git(folder)) return std::nullopt;
  constexpr int kNotFound = 127;  // as env says it
  const CapturedCommand inside = ask_git(folder, {"rev-parse", "--is-inside-work-tree"});
  if (inside.exit_code == kNotFound) {
    throw Error({"the project is under git, and git is not in PATH", folder.string(),
                 "the program git", "no such program", "install it (Debian: git)"});
  }
  if (inside.exit_code != 0) refuse_git(folder, inside.said());
  if (inside.output != "true\n")
    refuse_git(folder, "this is no working tree, but git's own folder");
  GitFacts facts;
  // Before the first commit there is none, and that is no error.
  const CapturedCommand head =
      ask_git(folder, {"rev-parse", "--verify", "--quiet", "HEAD^{commit}"});
  if (head.exit_code == 0) facts.commit = head.output.substr(0, head.output.find('\n'));
  const std::vector<std::string> here = {"--", "."};
  for (const std::string& entry :
       entries_of(answer_of_git(folder, {"ls-files", "--stage", "-z", "--", "."}))) {
    facts.files.insert(tracked_file(entry));
  }
  facts.others = entries_of(
      answer_of_git(folder, {"ls-files", "--others", "--exclude-standard", "-z", "--", "."}));
  // Somebody's home may be under git, and this folder be none of its business.
  if (facts.files.empty() && facts.others.empty()) return std::nullopt;
  facts.changes = entries_of(
      answer_of_git(folder, {"status", "--porcelain=v1", "-z", "--no-renames",
                             "--ignore-submodules=none", "--untracked-files=all", "--", "."}));
  return facts;
}

}  // namespace pressroom
